<?php
require __DIR__ . '/php-check.php';

$port = (int) $argv[1];
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$db = new mysqli('127.0.0.1', 'root', '', '', $port);
$db->set_charset('utf8mb4');
$db->query('CREATE DATABASE mysqli_test');
$db->select_db('mysqli_test');

// Text protocol: all values are strings.
$db->query("CREATE TABLE users (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20) UNIQUE, age INT, money DECIMAL(10,2))");
$db->query("INSERT INTO users (name, age, money) VALUES ('Li', 30, 1.5), ('Ana', NULL, NULL)");
check($db->affected_rows, 2);
check($db->insert_id, 1);
$result = $db->query('SELECT * FROM users ORDER BY id');
check($result->num_rows, 2);
check($result->fetch_assoc(), ['id' => '1', 'name' => 'Li', 'age' => '30', 'money' => '1.50']);
check($result->fetch_row(), ['2', 'Ana', null, null]);
check($result->fetch_field_direct(1)->orgname, 'name');
check($db->real_escape_string("it's"), "it\\'s");

// Prepared statements, server-side: values have types.
$insert = $db->prepare('INSERT INTO users (name, age, money) VALUES (?, ?, ?)');
$name = 'Bo';
$age = 7;
$money = 2.25;
$insert->bind_param('sid', $name, $age, $money);
$insert->execute();
check($insert->insert_id, 3);
[$name, $age, $money] = ['Eve', null, null];
$insert->execute();
check($insert->affected_rows, 1);
$select = $db->prepare('SELECT name, age, money FROM users WHERE id > ? ORDER BY id');
$select->execute([2]);
check($select->get_result()->fetch_all(MYSQLI_ASSOC), [
    ['name' => 'Bo', 'age' => 7, 'money' => '2.25'],
    ['name' => 'Eve', 'age' => null, 'money' => null],
]);
$select->execute([3]);
$select->bind_result($name, $age, $money);
check($select->fetch(), true);
check([$name, $age, $money], ['Eve', null, null]);
$select->close();

// A long value, in pieces.
$db->query('CREATE TABLE files (id INT PRIMARY KEY, data LONGBLOB)');
$long = $db->prepare('INSERT INTO files VALUES (?, ?)');
$id = 1;
$nothing = null;
$long->bind_param('ib', $id, $nothing);
$piece = str_repeat("\0\xff'\\", 50_000);
for ($i = 0; $i < 5; $i++) {
    $long->send_long_data(1, $piece);
}
$long->execute();
$read = $db->query('SELECT data FROM files WHERE id = 1')->fetch_row()[0];
check(md5($read), md5(str_repeat($piece, 5)));

// A cursor that stays on the server.
$db->query('CREATE TABLE numbers (n INT PRIMARY KEY)');
$db->query('INSERT INTO numbers VALUES ' . implode(',', array_map(fn ($n) => "($n)", range(1, 5000))));
$cursor = $db->prepare('SELECT n FROM numbers ORDER BY n');
try {
    $cursor->attr_set(MYSQLI_STMT_ATTR_CURSOR_TYPE, MYSQLI_CURSOR_TYPE_READ_ONLY);
    $cursor->execute();
    $result = $cursor->get_result();
    $sum = 0;
    while ($row = $result->fetch_row()) {
        $sum += $row[0];
    }
    check($sum, 12_502_500);
} catch (mysqli_sql_exception $error) {
    check($error->getCode(), 1235, $error->getMessage());
}
$cursor->close();

// Unbuffered, several statements at once, transactions, errors.
$result = $db->query('SELECT a.n FROM numbers a, numbers b LIMIT 100000', MYSQLI_USE_RESULT);
$count = 0;
while ($result->fetch_row()) {
    $count++;
}
$result->free();
check($count, 100_000);

$db->multi_query("SELECT 1; UPDATE users SET age = 8 WHERE id = 3; SELECT 'two'");
$found = [];
do {
    $result = $db->store_result();
    $found[] = $result === false ? $db->affected_rows : $result->fetch_row()[0];
} while ($db->next_result());
check($found, ['1', 1, 'two']);

$db->begin_transaction();
$db->query('DELETE FROM users');
$db->rollback();
check($db->query('SELECT COUNT(*) FROM users')->fetch_row()[0], '4');
$db->autocommit(false);
$db->query('DELETE FROM users WHERE id = 4');
$db->commit();
$db->autocommit(true);
check($db->query('SELECT COUNT(*) FROM users')->fetch_row()[0], '3');

fails(1064, '42000', fn () => $db->query('SELEC 1'));
fails(1062, '23000', fn () => $db->query("INSERT INTO users (name) VALUES ('Li')"));
fails(1146, '42S02', fn () => $db->prepare('SELECT * FROM missing'));
fails(1045, 'HY000', fn () => new mysqli('127.0.0.1', 'root', 'wrong', '', $port));

check($db->ping(), true);
check(str_contains($db->server_info, 'Sluice'), true);
check(str_contains((string) $db->stat(), 'Uptime'), true);
$db->change_user('root', '', 'mysqli_test');
check($db->query('SELECT DATABASE()')->fetch_row()[0], 'mysqli_test');
$db->close();
echo "all passed\n";
