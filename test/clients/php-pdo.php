<?php
require __DIR__ . '/php-check.php';

$port = (int) $argv[1];

function connect(int $port, string $database, bool $native): PDO
{
    return new PDO("mysql:host=127.0.0.1;port=$port;charset=utf8mb4;dbname=$database", 'root', '', [
        PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
        PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
        PDO::ATTR_EMULATE_PREPARES => !$native,
    ]);
}

connect($port, '', true)->exec('CREATE DATABASE pdo_test');

// The driver puts values into the text itself, or the server does.
foreach ([false, true] as $native) {
    $db = connect($port, 'pdo_test', $native);
    $db->exec('DROP TABLE IF EXISTS users');
    $db->exec('CREATE TABLE users (id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50) UNIQUE, born DATE, score DOUBLE, raw BLOB)');

    $insert = $db->prepare('INSERT INTO users (name, born, score, raw) VALUES (:name, :born, :score, :raw)');
    $insert->execute(['name' => "江湖's 😀 ?:name", 'born' => '2024-02-29', 'score' => 0.1, 'raw' => "\0\xff'\\"]);
    check($insert->rowCount(), 1);
    check($db->lastInsertId(), '1');
    $insert->bindValue('name', 'Ana');
    $insert->bindValue('born', null, PDO::PARAM_NULL);
    $insert->bindValue('score', null, PDO::PARAM_NULL);
    $stream = fopen('php://memory', 'r+');
    fwrite($stream, str_repeat('blob ', 10));
    rewind($stream);
    $insert->bindValue('raw', $stream, PDO::PARAM_LOB);
    $insert->execute();

    $select = $db->prepare('SELECT id, name, born, score, raw FROM users WHERE id = ?');
    $select->execute([1]);
    check($select->fetchAll(), [
        ['id' => 1, 'name' => "江湖's 😀 ?:name", 'born' => '2024-02-29', 'score' => 0.1, 'raw' => "\0\xff'\\"],
    ]);
    $select->bindValue(1, 2, PDO::PARAM_INT);
    $select->execute();
    check($select->fetch(), ['id' => 2, 'name' => 'Ana', 'born' => null, 'score' => null, 'raw' => str_repeat('blob ', 10)]);
    check($select->getColumnMeta(1)['name'], 'name');
    $select->closeCursor();

    $limited = $db->prepare('SELECT name FROM users ORDER BY id DESC LIMIT :n');
    $limited->bindValue('n', 1, PDO::PARAM_INT);
    $limited->execute();
    check($limited->fetchAll(PDO::FETCH_COLUMN), ['Ana']);

    $db->beginTransaction();
    check($db->inTransaction(), true);
    $db->exec('DELETE FROM users');
    $db->rollBack();
    check((int) $db->query('SELECT COUNT(*) FROM users')->fetchColumn(), 2);
    $db->beginTransaction();
    check($db->exec('UPDATE users SET score = 5 WHERE id = 1'), 1);
    $db->commit();
    check((float) $db->query('SELECT score FROM users WHERE id = 1')->fetchColumn(), 5.0);

    fails(1064, '42000', fn () => $db->query('SELEC 1'));
    fails(1062, '23000', fn () => $insert->execute(['name' => 'ana', 'born' => null, 'score' => null, 'raw' => null]));
    fails(1146, '42S02', fn () => $db->prepare('SELECT * FROM missing WHERE a = ?')->execute([1]));

    $db->setAttribute(PDO::MYSQL_ATTR_USE_BUFFERED_QUERY, false);
    $rows = 0;
    foreach ($db->query('SELECT a.id FROM users a, users b, users c, users d, users e, users f, users g') as $row) {
        $rows++;
    }
    check($rows, 128);
    $db->setAttribute(PDO::MYSQL_ATTR_USE_BUFFERED_QUERY, true);
}

// rowCount() of an update counts changed rows, or found ones when asked for.
$found = new PDO("mysql:host=127.0.0.1;port=$port;dbname=pdo_test", 'root', '', [PDO::MYSQL_ATTR_FOUND_ROWS => true]);
check($found->exec('UPDATE users SET score = 5 WHERE id = 1'), 1);
check(connect($port, 'pdo_test', true)->exec('UPDATE users SET score = 5 WHERE id = 1'), 0);

$init = new PDO("mysql:host=127.0.0.1;port=$port", 'root', '', [PDO::MYSQL_ATTR_INIT_COMMAND => 'SET @x = 7']);
check((int) $init->query('SELECT @x')->fetchColumn(), 7);
echo "all passed\n";
