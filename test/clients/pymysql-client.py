"""What a Python program does with PyMySQL. Run by pymysql.test.ts with the server's port."""

import datetime
import decimal
import json
import sys

import pymysql
import pymysql.cursors

PORT = int(sys.argv[1])


def connect(**options):
    return pymysql.connect(host="127.0.0.1", port=PORT, user="root", **options)


def check(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


def fails(errno, kind, work):
    try:
        work()
    except pymysql.MySQLError as error:
        assert isinstance(error, kind), f"{type(error)} is not {kind}"
        check(error.args[0], errno)
        return
    raise AssertionError(f"did not fail with {errno}")


def test_types():
    values = {
        "TINYINT": -128,
        "BIGINT": -(2**63),
        "BIGINT UNSIGNED": 2**64 - 1,
        "DECIMAL(18,6)": decimal.Decimal("123456789012.123456"),
        "DOUBLE": 0.1,
        "DATE": datetime.date(2024, 2, 29),
        "DATETIME(6)": datetime.datetime(2024, 2, 29, 12, 34, 56, 789012),
        "TIME(6)": datetime.timedelta(hours=100, microseconds=1),
        "VARCHAR(50)": "江湖 'quoted' \\ 😀 %s",
        "VARBINARY(20)": bytes([0, 255, 39, 92]),
        "LONGBLOB": bytes(range(256)) * 1000,
        "BIT(12)": b"\x0a\xbc",
        "YEAR": 2024,
        "ENUM('x','y')": "y",
        "JSON": '{"a": [1, 2]}',
    }
    with connect(database="py", autocommit=True) as connection, connection.cursor() as cursor:
        for number, (kind, value) in enumerate(values.items()):
            cursor.execute(f"CREATE TABLE t{number} (v {kind})")
            cursor.execute(f"INSERT INTO t{number} VALUES (%s), (NULL)", (value,))
            cursor.execute(f"SELECT v FROM t{number}")
            found = cursor.fetchall()
            if kind == "JSON":
                check(json.loads(found[0][0]), json.loads(value))
                check(found[1], (None,))
            else:
                check(found, ((value,), (None,)))


def test_cursors():
    with connect(database="py", cursorclass=pymysql.cursors.DictCursor) as connection:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE users (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20) UNIQUE)")
            check(cursor.execute("INSERT INTO users (name) VALUES (%s)", ("Li",)), 1)
            check(cursor.lastrowid, 1)
            check(cursor.executemany("INSERT INTO users (name) VALUES (%s)", [(f"u{i}",) for i in range(1000)]), 1000)
            connection.commit()
            cursor.execute("SELECT id, name FROM users WHERE id = %(id)s", {"id": 1})
            check(cursor.fetchone(), {"id": 1, "name": "Li"})
            check([column[0] for column in cursor.description], ["id", "name"])
    with connect(database="py", cursorclass=pymysql.cursors.SSCursor) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT a.id FROM users a, users b LIMIT 300000")
            check(sum(1 for _ in cursor.fetchall_unbuffered()), 300000)
            cursor.execute("SELECT id FROM users")
            cursor.fetchone()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            check(cursor.fetchall(), [(1,)])


def test_transactions():
    with connect(database="py") as first, connect(database="py", autocommit=True) as second:
        with first.cursor() as writing, second.cursor() as reading:
            writing.execute("DELETE FROM users WHERE id = 1")
            check(reading.execute("SELECT 1 FROM users WHERE id = 1"), 1)
            first.rollback()
            check(reading.execute("SELECT 1 FROM users WHERE id = 1"), 1)
            writing.execute("DELETE FROM users WHERE id = 1")
            first.commit()
            check(reading.execute("SELECT 1 FROM users WHERE id = 1"), 0)


def test_errors():
    with connect(database="py") as connection, connection.cursor() as cursor:
        fails(1064, pymysql.err.ProgrammingError, lambda: cursor.execute("SELEC 1"))
        fails(1146, pymysql.err.ProgrammingError, lambda: cursor.execute("SELECT * FROM missing"))
        fails(1062, pymysql.err.IntegrityError, lambda: cursor.execute("INSERT INTO users (name) VALUES ('u1')"))
        fails(1406, pymysql.err.DataError, lambda: cursor.execute("INSERT INTO users (name) VALUES (REPEAT('x', 30))"))
        fails(1054, pymysql.err.OperationalError, lambda: cursor.execute("SELECT missing FROM users"))
        check(cursor.execute("SELECT 1"), 1)
    fails(1045, pymysql.err.OperationalError, lambda: connect(password="wrong"))
    fails(1049, pymysql.err.OperationalError, lambda: connect(database="missing"))


def test_several_results():
    flag = pymysql.constants.CLIENT.MULTI_STATEMENTS
    with connect(client_flag=flag) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1; SELECT 2, 3")
        check(cursor.fetchall(), ((1,),))
        assert cursor.nextset()
        check(cursor.fetchall(), ((2, 3),))
        assert not cursor.nextset()


def test_connection():
    with connect() as connection:
        connection.ping()
        connection.select_db("py")
        check(connection.character_set_name(), "utf8mb4")
        assert "Sluice" in connection.get_server_info()
        with connection.cursor() as cursor:
            cursor.execute("SELECT DATABASE(), CONNECTION_ID()")
            check(cursor.fetchone(), ("py", connection.thread_id()))


with connect() as setup, setup.cursor() as making:
    making.execute("CREATE DATABASE py")
for test in (test_types, test_cursors, test_transactions, test_errors, test_several_results, test_connection):
    test()
print("all passed")
