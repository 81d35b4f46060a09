"""PEP 249 and more, with clients/python/sluice.py. Run by python.test.ts with the server's address and the store behind it."""

import datetime
import decimal
import json
import os
import socket
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'clients', 'python'))

import sluice

ADDRESS = sys.argv[1]
#: Behind Sluice is a MariaDB: its values, limits and isolation are its own.
IS_IN_FRONT = sys.argv[2] == 'source'


def connect(**options):
    options.setdefault('database', 'py')
    return sluice.connect(ADDRESS, **options)


def check(found, expected):
    assert found == expected, '%r is not %r' % (found, expected)


def fails(kind, work, errno=None, says=''):
    try:
        work()
    except sluice.Error as error:
        assert type(error) is kind, '%r is not %s' % (error, kind)
        check(error.errno, errno)
        assert says in str(error), '%s does not say %r' % (error, says)
        return error
    raise AssertionError('did not fail with %s' % kind)


# ---- PEP 249, section by section


def test_module():
    check(sluice.apilevel, '2.0')
    check(sluice.threadsafety, 1)
    check(sluice.paramstyle, 'pyformat')
    for name in sluice.__all__:
        assert hasattr(sluice, name), name
    assert issubclass(sluice.Warning, Exception) and issubclass(sluice.Error, Exception)
    for kind in (sluice.InterfaceError, sluice.DatabaseError):
        assert issubclass(kind, sluice.Error)
    for name in ('Data', 'Operational', 'Integrity', 'Internal', 'Programming', 'NotSupported'):
        kind = getattr(sluice, name + 'Error')
        assert issubclass(kind, sluice.DatabaseError)
        assert getattr(sluice.Connection, name + 'Error') is kind


def test_constructors_and_types():
    check(sluice.Date(2026, 1, 2), datetime.date(2026, 1, 2))
    check(sluice.Time(3, 4, 5), datetime.time(3, 4, 5))
    check(sluice.Timestamp(2026, 1, 2, 3, 4, 5), datetime.datetime(2026, 1, 2, 3, 4, 5))
    ticks = time.mktime((2026, 1, 2, 3, 4, 5, 0, 0, -1))
    check(sluice.DateFromTicks(ticks), datetime.date(2026, 1, 2))
    check(sluice.TimeFromTicks(ticks), datetime.time(3, 4, 5))
    check(sluice.TimestampFromTicks(ticks), datetime.datetime(2026, 1, 2, 3, 4, 5))
    check(sluice.Binary(b'x'), b'x')
    with connect() as connection:
        cursor = connection.cursor()
        cursor.execute("select 1 i, 1.5 d, 'x' s, x'41' b, date'2026-01-02' t, null n")
        codes = [column[1] for column in cursor.description]
        kinds = (sluice.NUMBER, sluice.NUMBER, sluice.STRING, sluice.BINARY, sluice.DATETIME)
        for code, kind in zip(codes, kinds):
            others = {sluice.NUMBER, sluice.STRING, sluice.BINARY, sluice.DATETIME} - {kind}
            assert code == kind and kind == code and not code != kind, (code, kind)
            assert all(code != other for other in others), code
        assert codes[0] == sluice.ROWID


def test_description():
    with connect() as connection:
        cursor = connection.cursor()
        check((cursor.description, cursor.rowcount, cursor.rownumber), (None, -1, None))
        cursor.execute('create table described (id int unsigned primary key, name varchar(30) not null, price decimal(8,2))')
        check(cursor.description, None)
        cursor.execute('select id, name, price, name as other from described')
        check(cursor.description, (
            ('id', 'INT', None, None, None, None, False),
            ('name', 'VARCHAR', None, 30, None, None, False),
            ('price', 'DECIMAL', None, None, 8, 2, True),
            ('other', 'VARCHAR', None, 30, None, None, False),
        ))
        assert all(len(column) == 7 for column in cursor.description)
        check(cursor.fetchone(), None)
        check(cursor.rowcount, 0)


def test_fetching():
    with connect() as connection:
        cursor = connection.cursor()
        cursor.execute('create table numbers (n int primary key)')
        check(cursor.executemany('insert into numbers values (%s)', [(n,) for n in range(10)]).rowcount, 10)
        connection.commit()
        check(cursor.arraysize, 1)
        check(cursor.execute('select n from numbers order by n'), cursor)
        check(cursor.rowcount, 10)
        check(cursor.fetchone(), (0,))
        check(cursor.rownumber, 1)
        check(cursor.fetchmany(), [(1,)])
        check(cursor.fetchmany(2), [(2,), (3,)])
        cursor.arraysize = 3
        check(cursor.fetchmany(), [(4,), (5,), (6,)])
        check(next(cursor), (7,))
        check(cursor.fetchall(), [(8,), (9,)])
        check((cursor.fetchone(), cursor.fetchmany(5), cursor.fetchall(), list(cursor)), (None, [], [], []))
        check([n for (n,) in cursor.execute('select n from numbers where n > 7 order by n')], [8, 9])
        fails(sluice.ProgrammingError, connection.cursor().fetchone, says='no result')
        cursor.execute('delete from numbers where n = 100')
        check(cursor.rowcount, 0)
        fails(sluice.ProgrammingError, cursor.fetchall, says='no result')
        cursor.setinputsizes([10])
        cursor.setoutputsize(1000, 1)
        fails(sluice.NotSupportedError, lambda: cursor.callproc('p'))
        cursor.close()
        cursor.close()
        fails(sluice.InterfaceError, lambda: cursor.execute('select 1'), says='cursor is closed')
        fails(sluice.InterfaceError, cursor.fetchone)
    connection.close()
    fails(sluice.InterfaceError, connection.cursor, says='connection is closed')
    fails(sluice.InterfaceError, connection.commit)


def test_transactions():
    with connect() as setup:
        setup.cursor().execute('create table kept (id int primary key auto_increment, v int)')
    reader = connect(autocommit=True)

    def count():
        return reader.cursor().execute('select count(*) from kept').fetchone()[0]

    connection = connect()
    cursor = connection.cursor()
    connection.commit()
    connection.rollback()
    cursor.execute('insert into kept (v) values (1)')
    check((cursor.lastrowid, cursor.rowcount, connection.in_transaction, count()), (1, 1, True, 0))
    other = connection.cursor()
    check(other.execute('select count(*) from kept').fetchone(), (1,))
    connection.rollback()
    check(other.execute('select count(*) from kept').fetchone(), (0,))
    cursor.execute('insert into kept (v) values (2)')
    connection.commit()
    check(count(), 1)
    # Closing without commit rolls back.
    cursor.execute('insert into kept (v) values (3)')
    connection.close()
    check(count(), 1)
    # with: commits, or rolls back behind an exception.
    with connect() as within:
        within.cursor().execute('insert into kept (v) values (4)')
    check(count(), 2)
    try:
        with connect() as within:
            within.cursor().execute('insert into kept (v) values (5)')
            raise KeyError('own')
    except KeyError:
        pass
    check(count(), 2)
    # A failing statement leaves the transaction open.
    with connect() as within:
        within.cursor().execute('insert into kept (v) values (6)')
        fails(sluice.IntegrityError, lambda: within.cursor().execute('insert into kept (id, v) values (1, 1), (2, 2)'), 1062)
    check(count(), 3)
    # With autocommit a transaction is between begin() and commit().
    reader.begin()
    fails(sluice.ProgrammingError, reader.begin)
    fails(sluice.ProgrammingError, lambda: setattr(reader, 'autocommit', False))
    reader.cursor().execute('delete from kept')
    with connect() as within:
        check(within.cursor().execute('select count(*) from kept').fetchone(), (3,))
    reader.rollback()
    check(count(), 3)
    reader.cursor().execute('insert into kept (v) values (7)')
    check(reader.in_transaction, False)
    with connect() as within:
        check(within.cursor().execute('select count(*) from kept').fetchone(), (4,))
    reader.autocommit = False
    reader.cursor().execute('delete from kept')
    reader.rollback()
    reader.close()


def test_conflict_is_retryable():
    if IS_IN_FRONT:
        return  # REPEATABLE READ lets the second update be done.
    first, second = connect(), connect()
    with connect() as setup:
        cursor = setup.cursor()
        cursor.execute('create table counter (id int primary key, n int)')
        cursor.execute('insert into counter values (1, 0)')
    for connection in (first, second):
        connection.cursor().execute('select n from counter where id = 1')
    first.cursor().execute('update counter set n = n + 1 where id = 1')
    first.commit()
    error = fails(
        sluice.OperationalError, lambda: second.cursor().execute('update counter set n = n + 1 where id = 1'), 1213
    )
    check((error.retryable, error.sqlstate, second.in_transaction), (True, '40001', False))
    second.cursor().execute('update counter set n = n + 1 where id = 1')
    second.commit()
    check(first.cursor().execute('select n from counter').fetchone(), (2,))
    first.close()
    second.close()


# ---- Values


def test_values():
    values = [
        ('tinyint', -128), ('bigint', -(2 ** 63)), ('bigint unsigned', 2 ** 64 - 1), ('bit(12)', 0xABC), ('year', 2024),
        ('decimal(18,6)', decimal.Decimal('123456789012.123456')), ('decimal(5,2)', decimal.Decimal('-0.50')),
        ('double', 0.1), ('double', 1.0), ('double', 1e300), ('float', 0.5),
        ('date', datetime.date(2024, 2, 29)), ('datetime(6)', datetime.datetime(2024, 2, 29, 12, 34, 56, 789012)),
        ('datetime', datetime.datetime(2024, 2, 29, 12, 34, 56)), ('timestamp(3)', datetime.datetime(2024, 1, 1, 0, 0, 0, 1000)),
        ('time(6)', datetime.timedelta(hours=100, microseconds=1)), ('time(6)', -datetime.timedelta(minutes=5, microseconds=7)),
        ('varchar(50)', '江湖 \'quoted\' "x" \\ 😀 %s %(a)s %% :name ? \n\0'), ('text', ''), ('longtext', 'x' * 200000),
        ('varbinary(20)', bytes([0, 255, 39, 92])), ('longblob', bytes(range(256)) * 1000), ('blob', b''),
        ("enum('x','y')", 'y'), ("set('a','b','c')", 'a,c'), ('boolean', 1),
    ]
    with connect(autocommit=True) as connection:
        cursor = connection.cursor()
        for number, (kind, value) in enumerate(values):
            cursor.execute('create table v%d (v %s)' % (number, kind))
            cursor.execute('insert into v%d values (%%(value)s), (null)' % number, {'value': value})
            found = cursor.execute('select v from v%d' % number).fetchall()
            check(found, [(value,), (None,)])
            check(type(found[0][0]), type(value))
        cursor.execute('create table docs (d json)')
        cursor.execute('insert into docs values (%s)', ['{"a": [1, 2.5, "x", null]}'])
        document = cursor.execute('select d from docs').fetchone()[0]
        # MariaDB's JSON is a text.
        check(json.loads(document) if IS_IN_FRONT else document, {'a': [1, 2.5, 'x', None]})
        check(cursor.execute('select %s, %s, %s', [True, bytearray(b'ab'), datetime.time(1, 2, 3)]).fetchone()[:2], (1, b'ab'))
        check(cursor.execute('select %s = 0.1 + 0.2, %s = 0.3', [0.3, decimal.Decimal('0.3')]).fetchone(), (1, 1))
        zero = cursor.execute("select cast('0000-00-00' as char)").fetchone()
        check(zero, ('0000-00-00',))
    with connect() as connection:
        cursor = connection.cursor()
        utc = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        for value, kind in (
            (float('nan'), sluice.DataError), (float('inf'), sluice.DataError), (decimal.Decimal('NaN'), sluice.DataError),
            (10 ** 65, sluice.DataError), (utc, sluice.ProgrammingError), (object(), sluice.ProgrammingError),
            ({}, sluice.ProgrammingError),
        ):
            fails(kind, lambda: cursor.execute('select %(v)s', {'v': value}), says='parameter v')


def test_bind_variables():
    with connect(autocommit=True) as connection:
        cursor = connection.cursor()

        def ask(sql, parameters=None):
            return cursor.execute(sql, parameters).fetchall()

        check(ask('select %(a)s, :a, %(b)s', {'a': 1, 'b': 'x'}), [(1, 1, 'x')])
        check(ask('select %s, %s', (1, 'x')), [(1, 'x')])
        check(ask('select n from numbers where n in %(ns)s order by n', {'ns': [1, 3, 99]}), [(1,), (3,)])
        check(ask('select n from numbers where n in ::ns and n < :max', {'ns': (1, 3), 'max': 2}), [(1,)])
        check(ask('select count(*) from numbers where n in %s and n <> %s', [{1, 2, 3}, 2]), [(2,)])
        # Percent signs: doubled where there are parameters, single where there are none.
        check(ask("select 'a%b', 5 %% 3, 'a%%'", {}), [('a%b', 2, 'a%')])
        check(ask("select 'a%b', 5 % 3, 'a%%'"), [('a%b', 2, 'a%%')])
        check(ask("select '?', ':x', `n` /* %s ? :y */ from numbers where n = %(n)s -- %s", {'n': 4}), [('?', ':x', 4)])
        fails(sluice.ProgrammingError, lambda: ask('select %(a)s', {'b': 1}), says='parameter a')
        fails(sluice.ProgrammingError, lambda: ask('select :a', {'b': 1}), 1210, says=':a')
        fails(sluice.ProgrammingError, lambda: ask('select %s, %s', [1]), says='parameter 2')
        fails(sluice.ProgrammingError, lambda: ask('select %s', [1, 2]), says='2 parameters were given')
        fails(sluice.ProgrammingError, lambda: ask('select %s', {'a': 1}))
        fails(sluice.ProgrammingError, lambda: ask('select %(a)s', [1]))
        fails(sluice.ProgrammingError, lambda: ask("select '%s'", ['x']), says='within quotes')
        fails(sluice.ProgrammingError, lambda: ask('select 1 in %(a)s', {'a': []}), 1210, says='empty list')
        fails(sluice.ProgrammingError, lambda: ask('select %(a)s', {'a': [1]}), 1064)
        fails(sluice.ProgrammingError, lambda: ask('select 1 in ::a', {'a': 1}), 1210, says='takes a list')


# ---- Many statements, many rows


def test_executemany():
    with connect(autocommit=True) as connection:
        cursor = connection.cursor()
        cursor.execute('create table many (id int primary key auto_increment, v varchar(20) unique)')
        check(cursor.executemany('insert into many (v) values (%(v)s)', []).rowcount, 0)
        cursor.executemany('insert into many (v) values (%(v)s)', ({'v': 'a%d' % i} for i in range(2500)))
        check((cursor.rowcount, cursor.lastrowid), (2500, 2500))
        # All or none, in one request and in several.
        for count in (10, 2500):
            rows = [('b%d' % i,) for i in range(count - 1)] + [('a1',)]
            error = fails(sluice.IntegrityError, lambda: cursor.executemany('insert into many (v) values (%s)', rows), 1062)
            assert "'a1'" in str(error)
            check(cursor.execute('select count(*) from many').fetchone(), (2500,))
        check(connection.in_transaction, False)
        fails(sluice.ProgrammingError, lambda: cursor.executemany('select %s', [(1,)]), says='without a result')
        check(cursor.executemany('update many set v = null where id = %s', [(1,), (2,), (9999,)]).rowcount, 2)
    with connect() as connection:
        cursor = connection.cursor()
        cursor.execute("insert into many (v) values ('c')")
        fails(sluice.IntegrityError, lambda: cursor.executemany('insert into many (v) values (%s)', [('d',), ('c',), ('e',)]), 1062)
        check(cursor.execute("select v from many where v in ('c', 'd', 'e') order by v").fetchall(), [('c',), ('d',)])
        connection.rollback()
        check(cursor.execute("select v from many where v in ('c', 'd', 'e')").fetchall(), [])


def test_streams():
    with connect(autocommit=True) as connection:
        cursor = connection.cursor(stream=True)
        sql = 'select a.n, b.n from numbers a, numbers b, numbers c, numbers d, numbers e'
        fails(sluice.OperationalError, lambda: connection.cursor().execute(sql), 1105, says='row count exceeded 10000')
        cursor.execute(sql)
        check((cursor.rowcount, len(cursor.description)), (-1, 2))
        check(len(cursor.fetchmany(7)), 7)
        # Others of the same connection go on meanwhile.
        check(connection.cursor().execute('select 1').fetchone(), (1,))
        check(sum(1 for _ in cursor), 10 ** 5 - 7)
        check((cursor.rowcount, cursor.fetchone(), cursor.fetchall()), (10 ** 5, None, []))
        check(cursor.execute('select %(a)s', {'a': 5}).fetchall(), [(5,)])
        # Left early, by close() and by the next statement.
        cursor.execute(sql).fetchone()
        check(cursor.execute('select 2').fetchone(), (2,))
        cursor.execute(sql).fetchone()
        cursor.close()
        writing = connection.cursor(stream=True)
        check(writing.execute('update numbers set n = n where n = 3').rowcount, 0)
        check(writing.description, None)
        fails(sluice.ProgrammingError, writing.fetchone)
        fails(sluice.ProgrammingError, lambda: writing.execute('select nothing from numbers'), 1054)
        fails(sluice.NotSupportedError, lambda: writing.executemany('select 1', []))
    with connect() as connection:
        connection.cursor().execute('insert into numbers values (1000)')
        with connection.cursor(stream=True) as cursor:
            cursor.execute('select n from numbers order by n desc')
            check(cursor.fetchone(), (1000,))
            fails(sluice.ProgrammingError, lambda: connection.cursor().execute('select 1'), says='stream')
            fails(sluice.ProgrammingError, connection.commit, says='stream')
        check(connection.cursor().execute('select 1').fetchone(), (1,))
        connection.rollback()


# ---- Failures and connections


def test_errors():
    with connect(autocommit=True) as connection:
        cursor = connection.cursor()
        for errno, kind, sql in (
            (1064, sluice.ProgrammingError, 'selec 1'), (1146, sluice.ProgrammingError, 'select * from missing'),
            (1054, sluice.ProgrammingError, 'select missing from numbers'), (1062, sluice.IntegrityError, 'insert into numbers values (1)'),
            (1406, sluice.DataError, "insert into many (v) values (repeat('x', 30))"),
            (1264, sluice.DataError, 'insert into numbers values (99999999999)'),
            (1048, sluice.IntegrityError, 'insert into numbers values (null)'),
            (1235, sluice.NotSupportedError, 'create trigger x before insert on numbers for each row set @a = 1'),
        ):
            if errno == 1235 and IS_IN_FRONT:
                continue  # There are triggers.
            error = fails(kind, lambda: cursor.execute(sql), errno)
            check(error.args[0], errno)
            assert error.code and error.sqlstate and str(errno) in str(error)
        check(cursor.execute('select 1').fetchone(), (1,))
        cursor.execute("set sql_mode = ''")
    fails(sluice.ProgrammingError, lambda: connect(database='missing').cursor().execute('select 1'), 1049)
    fails(sluice.OperationalError, lambda: connect(user='root', password='wrong').cursor().execute('select 1'), 1045)
    fails(sluice.InterfaceError, lambda: sluice.connect('ftp://x'), says='no address')
    fails(sluice.InterfaceError, lambda: connect(dbname='other'))
    closed = socket.socket()
    closed.bind(('127.0.0.1', 0))
    port = closed.getsockname()[1]
    closed.close()
    fails(sluice.OperationalError, lambda: sluice.connect('127.0.0.1:%d' % port).cursor().execute('select 1'), 2003)


def serve_once(answer):
    """A server that takes one request and sends `answer`; gives its address."""
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen(1)

    def serve():
        client, _ = listener.accept()
        client.recv(100000)
        if answer is None:
            time.sleep(1)
        else:
            client.sendall(answer)
        client.close()
        listener.close()

    threading.Thread(target=serve, daemon=True).start()
    return '127.0.0.1:%d' % listener.getsockname()[1]


def test_strangers():
    page = b'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>'
    fails(sluice.InterfaceError, lambda: sluice.connect(serve_once(page), autocommit=True).cursor().execute('select 1'), says='no Sluice')
    half = b'HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n{"fields":'
    fails(sluice.OperationalError, lambda: sluice.connect(serve_once(half), autocommit=True).cursor().execute('select 1'), 2013)
    fails(sluice.OperationalError, lambda: sluice.connect(serve_once(b''), autocommit=True).cursor().execute('select 1'), 2013, 'lost')
    slow = sluice.connect(serve_once(None), autocommit=True, timeout=0.2)
    fails(sluice.OperationalError, lambda: slow.cursor().execute('select 1'), 2013, 'within 0.2 s')
    ndjson = b'HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n'
    line = b'{"fields":[{"name":"a","type":"int","nullable":true}]}\n[1]\n'
    cut = ndjson + b'%x\r\n%s\r\n' % (len(line), line)
    cursor = sluice.connect(serve_once(cut), autocommit=True).cursor(stream=True)
    check(cursor.execute('select 1').fetchone(), (1,))
    fails(sluice.OperationalError, cursor.fetchone, 2013, 'lost')


def test_timeouts():
    with connect(timeout=0.5, autocommit=True) as connection:
        fails(sluice.OperationalError, lambda: connection.cursor().execute('select sleep(2)'), 2013)
        check(connection.cursor().execute('select 1').fetchone(), (1,))
    # In a transaction: what was done is rolled back, and the next statement begins another one.
    with connect(timeout=0.5) as connection:
        cursor = connection.cursor()
        cursor.execute('insert into numbers values (2000)')
        fails(sluice.OperationalError, lambda: cursor.execute('select sleep(2)'), 2013)
        check(connection.in_transaction, False)
    with connect() as connection:
        check(connection.cursor().execute('select count(*) from numbers where n = 2000').fetchone(), (0,))


def test_sessions_that_are_gone():
    with connect() as connection, connect(autocommit=True) as other:
        cursor = connection.cursor()
        identity = cursor.execute('select connection_id()').fetchone()[0]
        connection.commit()
        # Between transactions nothing is lost: another session takes its place.
        other.cursor().execute('kill %d' % identity)
        cursor.execute('insert into numbers values (3000)')
        identity = cursor.execute('select connection_id()').fetchone()[0]
        other.cursor().execute('kill %d' % identity)
        fails(sluice.OperationalError, lambda: cursor.execute('select 1'), None, 'rolled back')
        check(connection.in_transaction, False)
        check(cursor.execute('select count(*) from numbers where n = 3000').fetchone(), (0,))


def test_keep_alive():
    with connect(autocommit=True) as connection:
        cursor = connection.cursor()
        cursor.execute('select 1')
        first = connection._transport._idle[0].sock
        for _ in range(20):
            cursor.execute('select 1')
        assert connection._transport._idle[0].sock is first
        # One that the server has closed is not used again.
        first.shutdown(socket.SHUT_RDWR)
        check(cursor.execute('select 2').fetchone(), (2,))


with connect(database=None, autocommit=True) as setup:
    setup.cursor().execute('create database py')
failed = []
for name, test in list(globals().items()):
    if name.startswith('test_'):
        try:
            test()
        except Exception:
            failed.append(name)
            print('in', name)
            traceback.print_exc()
print('all passed' if not failed else 'failed: %s' % ', '.join(failed))
sys.exit(len(failed))
