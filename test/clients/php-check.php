<?php
// What the PHP clients of the tests share.

error_reporting(E_ALL);
set_error_handler(function (int $level, string $message, string $file, int $line): bool {
    throw new ErrorException($message, 0, $level, $file, $line);
});

function check(mixed $found, mixed $expected, string $what = ''): void
{
    if ($found !== $expected) {
        throw new Exception("$what: " . var_export($found, true) . ' is not ' . var_export($expected, true));
    }
}

/** Runs work that has to fail with this error number and SQLSTATE. */
function fails(int $errno, string $state, callable $work): void
{
    try {
        $work();
    } catch (mysqli_sql_exception $error) {
        check($error->getCode(), $errno, $error->getMessage());
        check($error->getSqlState(), $state, $error->getMessage());
        return;
    } catch (PDOException $error) {
        check($error->errorInfo[1], $errno, $error->getMessage());
        check($error->errorInfo[0], $state, $error->getMessage());
        return;
    }
    throw new Exception("did not fail with $errno");
}
