"""Sluice's DB-API 2.0 module (PEP 249), over HTTP. One file, nothing else needed, Python 3.8 or later.

    from sluice import connect

    with connect('localhost:3888', database='shop') as connection:
        cursor = connection.cursor()
        cursor.execute('select * from item where id in %(ids)s', {'ids': [1, 2]})
        for row in cursor:
            print(row)

docs/python.md has the rest: values, transactions, streams, errors.
"""

import base64
import datetime
import decimal
import http.client
import json
import math
import re
import select
import ssl
import time
import urllib.parse

__all__ = [
    'connect', 'apilevel', 'threadsafety', 'paramstyle', 'Connection', 'Cursor', 'StreamCursor',
    'Warning', 'Error', 'InterfaceError', 'DatabaseError', 'DataError', 'OperationalError', 'IntegrityError',
    'InternalError', 'ProgrammingError', 'NotSupportedError',
    'Date', 'Time', 'Timestamp', 'DateFromTicks', 'TimeFromTicks', 'TimestampFromTicks', 'Binary',
    'STRING', 'BINARY', 'NUMBER', 'DATETIME', 'ROWID',
]

apilevel = '2.0'
#: Threads may share the module, not connections.
threadsafety = 1
#: %(name)s; :name, ::name and %s work as well.
paramstyle = 'pyformat'

DEFAULT_ADDRESS = '127.0.0.1:3888'
DEFAULT_PORT = 3888
#: Statements of one request of executemany().
BATCH_STATEMENTS = 1000
BATCH_CHARACTERS = 4 * 1024 * 1024
DIGITS_MAX = 65


# ---- Exceptions


class Warning(Exception):  # noqa: A001, the name is PEP 249's
    """Never raised: warnings of a statement are in cursor.messages."""


class Error(Exception):
    """`errno`, `sqlstate` (MySQL's) and `code` are None where the server was not reached; `args` are (errno, message).

    `retryable`: nothing was done, and the same transaction may succeed when it is sent again.
    """

    def __init__(self, message, errno=None, sqlstate=None, code=None, retryable=False):
        super().__init__(errno, message)
        self.message = message
        self.errno = errno
        self.sqlstate = sqlstate
        self.code = code
        self.retryable = retryable

    def __str__(self):
        return self.message if self.errno is None else '(%s) %s' % (self.errno, self.message)


class InterfaceError(Error):
    """The module was used wrongly, or what answered is no Sluice."""


class DatabaseError(Error):
    pass


class DataError(DatabaseError):
    pass


class OperationalError(DatabaseError):
    pass


class IntegrityError(DatabaseError):
    pass


class InternalError(DatabaseError):
    pass


class ProgrammingError(DatabaseError):
    pass


class NotSupportedError(DatabaseError):
    pass


_BY_ERRNO = {
    1022: IntegrityError, 1048: IntegrityError, 1364: IntegrityError, 3730: IntegrityError, 3819: IntegrityError,
    1235: NotSupportedError,
    1007: ProgrammingError, 1008: ProgrammingError, 1193: ProgrammingError, 1210: ProgrammingError,
    1046: ProgrammingError, 1222: ProgrammingError, 1241: ProgrammingError,
    1264: DataError, 1265: DataError, 1366: DataError, 1406: DataError,
    1021: OperationalError, 1040: OperationalError, 1044: OperationalError, 1045: OperationalError,
    1053: OperationalError, 1205: OperationalError, 1213: OperationalError, 1290: OperationalError,
    1317: OperationalError, 3024: OperationalError, 3572: OperationalError,
}
_BY_SQLSTATE_CLASS = {
    '08': OperationalError, '21': ProgrammingError, '22': DataError, '23': IntegrityError, '25': OperationalError,
    '28': OperationalError, '3D': ProgrammingError, '40': OperationalError, '42': ProgrammingError,
    '70': OperationalError,
}
#: Of MySQL's 1105 ("unknown error") and of HTTP's own errors, the name tells more.
_BY_CODE = {
    'SLUICE_ROW_LIMIT': OperationalError,
    'SLUICE_OUTCOME_UNKNOWN': OperationalError,
    'SLUICE_READER_LOST': OperationalError,
    'SLUICE_STALE_PLAN': OperationalError,
    'HTTP_UNKNOWN_SESSION': OperationalError,
    'HTTP_NOT_READY': OperationalError,
    'ER_UNKNOWN_ERROR': InternalError,
}


def _error_of(body):
    """The exception for an answer's `error` object."""
    errno, sqlstate, code = body.get('errno'), body.get('sqlstate'), body.get('code')
    kind = _BY_CODE.get(code) or _BY_ERRNO.get(errno) or _BY_SQLSTATE_CLASS.get((sqlstate or '')[:2])
    if kind is None:
        kind = OperationalError if body.get('retryable') else DatabaseError
    return kind(body.get('message', ''), errno, sqlstate, code, bool(body.get('retryable')))


# ---- Types


class DBAPISet(frozenset):
    """A type object: equal to the type codes of its columns, `cursor.description[0][1] == NUMBER`."""

    def __eq__(self, other):
        return other in self if isinstance(other, str) else frozenset.__eq__(self, other)

    def __ne__(self, other):
        return not self == other

    __hash__ = frozenset.__hash__


STRING = DBAPISet(['CHAR', 'VARCHAR', 'TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT', 'ENUM', 'SET', 'JSON'])
BINARY = DBAPISet(['BINARY', 'VARBINARY', 'TINYBLOB', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB'])
_INTEGERS = DBAPISet(['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT', 'YEAR', 'BIT'])
NUMBER = DBAPISet(_INTEGERS | {'DECIMAL', 'FLOAT', 'DOUBLE'})
DATETIME = DBAPISet(['DATE', 'TIME', 'DATETIME', 'TIMESTAMP'])
#: What AUTO_INCREMENT columns are.
ROWID = _INTEGERS

Date = datetime.date
Time = datetime.time
Timestamp = datetime.datetime
Binary = bytes


def DateFromTicks(ticks):  # noqa: N802, the names are PEP 249's
    return Date(*time.localtime(ticks)[:3])


def TimeFromTicks(ticks):  # noqa: N802
    return Time(*time.localtime(ticks)[3:6])


def TimestampFromTicks(ticks):  # noqa: N802
    return Timestamp(*time.localtime(ticks)[:6])


_TYPE = re.compile(r'(\w+)(?:\((\d+)(?:,(\d+))?\))?')


def _describe(field):
    """A column's 7-tuple: name, type code, display size, internal size, precision, scale, whether it may be NULL."""
    name, first, second = _TYPE.match(field['type']).groups()
    code = name.upper()
    number = int(first) if first else None
    if code == 'DECIMAL':
        return field['name'], code, None, None, number, int(second or 0), field['nullable']
    return field['name'], code, None, number, None, None, field['nullable']


def _date(text):
    try:
        return datetime.date(int(text[:4]), int(text[5:7]), int(text[8:10]))
    except ValueError:
        return text  # Zero dates are no dates of Python's.


def _datetime(text):
    try:
        micros = int(text[20:].ljust(6, '0')) if len(text) > 20 else 0
        return datetime.datetime(
            int(text[:4]), int(text[5:7]), int(text[8:10]), int(text[11:13]), int(text[14:16]), int(text[17:19]), micros
        )
    except ValueError:
        return text


def _timedelta(text):
    hours, minutes, seconds = text.lstrip('-').split(':')
    whole, _, fraction = seconds.partition('.')
    micros = int(fraction.ljust(6, '0')) if fraction else 0
    value = datetime.timedelta(hours=int(hours), minutes=int(minutes), seconds=int(whole), microseconds=micros)
    return -value if text.startswith('-') else value


_FROM_JSON = {
    'DECIMAL': decimal.Decimal, 'FLOAT': float, 'DOUBLE': float,
    'DATE': _date, 'DATETIME': _datetime, 'TIMESTAMP': _datetime, 'TIME': _timedelta,
}
_FROM_JSON.update((code, int) for code in _INTEGERS)
_FROM_JSON.update((code, base64.b64decode) for code in BINARY)


def _row_reader(description):
    """A function from a row of JSON to a tuple of Python's values."""
    makers = [_FROM_JSON.get(column[1]) for column in description]

    def read(row):
        return tuple(
            value if make is None or value is None else make(value) for make, value in zip(makers, row)
        )

    return read


# ---- Parameters


def _json_value(value, name):
    """A parameter as JSON text; numbers keep their exact value and their kind."""
    if value is None:
        return 'null'
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, int):
        if abs(value) >= 10 ** DIGITS_MAX:
            raise DataError('parameter %s has more than %d digits' % (name, DIGITS_MAX))
        return int.__repr__(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise DataError('parameter %s is %r, which is no value of SQL' % (name, value))
        text = float.__repr__(value)
        return text if 'e' in text else text + 'e0'
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, decimal.Decimal):
        return _decimal_text(value, name)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return '{"$bytes":"%s"}' % base64.b64encode(bytes(value)).decode('ascii')
    if isinstance(value, (datetime.datetime, datetime.time)) and value.tzinfo is not None:
        raise ProgrammingError('parameter %s has a time zone; give what the column is to hold, without one' % name)
    if isinstance(value, datetime.datetime):
        return '"%s"' % value.isoformat(' ')
    if isinstance(value, (datetime.date, datetime.time)):
        return '"%s"' % value.isoformat()
    if isinstance(value, datetime.timedelta):
        return '"%s"' % _time_text(value)
    raise ProgrammingError('parameter %s is of type %s, which is no value of SQL' % (name, type(value).__name__))


def _decimal_text(value, name):
    if not value.is_finite():
        raise DataError('parameter %s is %s, which is no value of SQL' % (name, value))
    text = format(value, 'f')
    if sum(character.isdigit() for character in text) > DIGITS_MAX:
        raise DataError('parameter %s has more than %d digits' % (name, DIGITS_MAX))
    return text


def _time_text(value):
    micros = value // datetime.timedelta(microseconds=1)
    seconds, micros_left = divmod(abs(micros), 1000000)
    sign = '-' if micros < 0 else ''
    return '%s%02d:%02d:%02d.%06d' % (sign, seconds // 3600, seconds // 60 % 60, seconds % 60, micros_left)


def _is_list(value):
    return isinstance(value, (list, tuple, set, frozenset))


def _json_parameters(parameters):
    members = []
    for name, value in parameters.items():
        if _is_list(value):
            text = '[%s]' % ','.join(_json_value(item, name) for item in value)
        else:
            text = _json_value(value, name)
        members.append('%s:%s' % (json.dumps(name), text))
    return '{%s}' % ','.join(members)


#: What is quoted or a comment, and what stands for a value.
_PIECES = re.compile(
    r"""('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|/\*.*?\*/|(?:\#|--\s)[^\n]*)|(%%)|%\((\w+)\)s|(%s)""",
    re.DOTALL,
)
_PLACEHOLDER = re.compile(r'%\(\w+\)s|(?<!%)(?:%%)*%s')


def _bind(operation, parameters):
    """The statement with :name and ::name for %(name)s and %s, and the values by name.

    A statement without parameters is sent as it is: its percent signs are its own.
    """
    if parameters is None:
        return operation, {}
    is_named = hasattr(parameters, 'keys')
    values = dict(parameters) if is_named else {'p%d' % (i + 1): value for i, value in enumerate(parameters)}
    used = []

    def replace(match):
        quoted, percent, name, positional = match.groups()
        if quoted is not None:
            if not quoted.startswith(('/*', '#', '--')) and _PLACEHOLDER.search(quoted):
                raise ProgrammingError('a parameter stands within quotes: %s' % quoted)
            return quoted.replace('%%', '%')
        if percent is not None:
            return '%'
        if is_named == (positional is not None):
            raise ProgrammingError('%%(name)s takes a dict of parameters, %%s a sequence; found %s' % match.group())
        if positional is not None:
            used.append(None)
            name = 'p%d' % len(used)
        if name not in values:
            raise ProgrammingError('no value was given for parameter %s' % (name if is_named else len(used)))
        return ('::' if _is_list(values[name]) else ':') + name

    text = _PIECES.sub(replace, operation)
    if not is_named and len(used) != len(values):
        raise ProgrammingError('%d parameters were given for a statement that has %d' % (len(values), len(used)))
    return text, values


def _json_statement(operation, parameters):
    text, values = _bind(operation, parameters)
    return '{"sql":%s%s}' % (json.dumps(text), ',"params":' + _json_parameters(values) if values else '')


# ---- HTTP


class _Transport:
    """Requests to one server over connections that are kept alive; each is used by one request at a time."""

    def __init__(self, address, user, password, timeout, context):
        parts = urllib.parse.urlsplit(address if '://' in address else 'http://' + address)
        if parts.scheme not in ('http', 'https') or not parts.hostname:
            raise InterfaceError('%r is no address; write host:port or http://host:port' % address)
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == 'https' else DEFAULT_PORT)
        self._context = (context or ssl.create_default_context()) if parts.scheme == 'https' else None
        self._timeout = timeout
        self._headers = {'Content-Type': 'application/json'}
        user = user if user is not None else parts.username
        password = password if password is not None else parts.password
        if user is not None or password is not None:
            credentials = '%s:%s' % (user or 'root', password or '')
            self._headers['Authorization'] = 'Basic ' + base64.b64encode(credentials.encode()).decode('ascii')
        self._idle = []

    def _take(self):
        while self._idle:
            connection = self._idle.pop()
            # An idle connection that can be read from has been closed by the server.
            if connection.sock is not None and not select.select([connection.sock], [], [], 0)[0]:
                return connection
            connection.close()
        if self._context is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._context)
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)

    def open(self, method, path, body, accept=None):
        """Sends a request; gives the connection and the response, whose body is still to be read."""
        connection = self._take()
        headers = self._headers if accept is None else dict(self._headers, Accept=accept)
        try:
            connection.request(method, path, body, headers)
            return connection, connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self.lost(error) from error

    def lost(self, error):
        where = '%s:%s' % (self._host, self._port)
        if isinstance(error, ConnectionRefusedError):
            return OperationalError('nobody listens at %s' % where, 2003)
        if isinstance(error, TimeoutError) or 'timed out' in str(error):
            return OperationalError('%s did not answer within %s s' % (where, self._timeout), 2013)
        what = str(error) or type(error).__name__
        return OperationalError('the connection to %s was lost: %s; a write may have been done' % (where, what), 2013)

    def give_back(self, connection, response):
        if response.will_close or not response.isclosed():
            connection.close()
        else:
            self._idle.append(connection)

    def ask(self, method, path, body=None):
        """The answer's JSON. Raises what its `error` says."""
        connection, response = self.open(method, path, body)
        try:
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self.lost(error) from error
        self.give_back(connection, response)
        return self.answer(response, content)

    @staticmethod
    def answer(response, content):
        try:
            answer = json.loads(content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise InterfaceError('what answered is no Sluice: HTTP %s, %r' % (response.status, content[:200]))
        if 'error' in answer:
            raise _error_of(answer['error'])
        return answer

    def close(self):
        for connection in self._idle:
            connection.close()
        self._idle = []


# ---- Connections


class Connection:
    """A session with a server; not to be used by two threads at once.

    Without `autocommit` a transaction begins with the first statement and lasts until commit() or rollback(), as
    PEP 249 has it. With it each statement is by itself, but between begin() and commit().
    """

    Warning = Warning
    Error = Error
    InterfaceError = InterfaceError
    DatabaseError = DatabaseError
    DataError = DataError
    OperationalError = OperationalError
    IntegrityError = IntegrityError
    InternalError = InternalError
    ProgrammingError = ProgrammingError
    NotSupportedError = NotSupportedError

    def __init__(self, transport, database, autocommit):
        self._transport = transport
        self._database = database
        self._autocommit = autocommit
        self._token = None
        #: A statement has run since the last commit or rollback, or begin() was called.
        self._in_transaction = False
        self._stream = None
        self._closed = False

    @property
    def autocommit(self):
        return self._autocommit

    @autocommit.setter
    def autocommit(self, value):
        if self._in_transaction:
            raise ProgrammingError('autocommit cannot change within a transaction; commit or roll back first')
        self._autocommit = bool(value)

    @property
    def in_transaction(self):
        return self._in_transaction

    def cursor(self, stream=False):
        """`stream`: rows are read from the server as they are fetched, in any number; otherwise all at once, 10,000 at most."""
        self._check_open()
        return StreamCursor(self) if stream else Cursor(self)

    def begin(self):
        """Begins a transaction with autocommit; without, there is always one."""
        self._check_open()
        if self._in_transaction:
            raise ProgrammingError('a transaction is open already; commit or roll back first')
        self._enter_session()
        self._in_transaction = True

    def commit(self):
        self._check_open()
        self._end_transaction('COMMIT')

    def rollback(self):
        self._check_open()
        try:
            self._end_transaction('ROLLBACK')
        except OperationalError as error:
            # It is gone, and with it what was not committed.
            if error.code != 'HTTP_UNKNOWN_SESSION':
                raise

    def close(self):
        """Rolls back what is not committed. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        if self._stream is not None:
            self._stream.close()
        try:
            self._forget_session()
        finally:
            self._transport.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, _error, _traceback):
        """Commits, or rolls back behind an exception; then closes."""
        try:
            if kind is None:
                self.commit()
        finally:
            self.close()

    def __del__(self):
        transport = getattr(self, '_transport', None)
        if transport is not None:
            transport.close()

    # -- For cursors

    def _check_open(self):
        if self._closed:
            raise InterfaceError('the connection is closed')

    def _uses_session(self):
        return self._in_transaction or not self._autocommit

    def _enter_session(self):
        """A session that is open, or may be: the server ends those that are idle for a minute."""
        self._check_stream()
        if self._token is not None:
            return
        body = '{"session":true,"sql":"SET autocommit = 0"%s}' % self._database_member()
        self._token = self._transport.ask('POST', '/v1/sql', body)['session']

    def _request(self, members):
        """Posts a body of `members` for /v1/sql or /v1/batch, in the session if there is to be one."""
        self._check_open()
        path = '/v1/batch' if members.startswith('"statements"') else '/v1/sql'
        if not self._uses_session():
            return self._transport.ask('POST', path, '{%s%s}' % (members, self._database_member()))
        return self._within(lambda place: self._transport.ask('POST', path, '{%s%s}' % (members, place)))

    def _within(self, work):
        """Runs `work` with the member that names the session; opens another session where nothing can be lost."""
        self._enter_session()
        had_transaction = self._in_transaction
        try:
            result = work(',"session":%s' % json.dumps(self._token))
        except Error as error:
            if self._lost_session(error):
                self._token = None
                self._in_transaction = False
                if not had_transaction and error.code == 'HTTP_UNKNOWN_SESSION':
                    return self._within(work)
            elif error.errno == 1213:
                self._in_transaction = False
            else:
                self._in_transaction = True
            raise
        self._in_transaction = True
        return result

    def _lost_session(self, error):
        if error.code == 'HTTP_UNKNOWN_SESSION':
            return True
        if error.errno != 2013:
            return False
        # Whatever the statement did is rolled back: without its answer nobody knows.
        try:
            self._forget_session()
        except Error:
            pass
        return True

    def _database_member(self):
        return '' if self._database is None else ',"database":%s' % json.dumps(self._database)

    def _end_transaction(self, how):
        self._check_stream()
        if not self._in_transaction:
            return
        self._in_transaction = False
        body = '{"session":%s,"sql":"%s"}' % (json.dumps(self._token), how)
        try:
            self._transport.ask('POST', '/v1/sql', body)
        except OperationalError as error:
            if error.code == 'HTTP_UNKNOWN_SESSION':
                self._token = None
            raise

    def _forget_session(self):
        token, self._token, self._in_transaction = self._token, None, False
        if token is None:
            return
        try:
            self._transport.ask('DELETE', '/v1/sessions/' + urllib.parse.quote(token, safe=''))
        except Error:
            pass  # The server rolls it back when it is idle.

    def _check_stream(self):
        """In a session one thing is done at a time: a stream that is not at its end is in the way."""
        if self._stream is not None and self._uses_session():
            raise ProgrammingError('a stream of this transaction is not read to its end; read or close it first')


def connect(address=DEFAULT_ADDRESS, user=None, password=None, database=None, timeout=30, autocommit=False,
            ssl_context=None, dbname=None):
    """Opens a connection; nothing is sent before the first statement.

    `address`: host:port, or http://user:password@host:port (https behind a proxy that has TLS). `timeout`: seconds
    that the server may say nothing. `dbname` is another name for `database`.
    """
    if database is not None and dbname is not None and database != dbname:
        raise InterfaceError('database and dbname are two names for the same, and differ')
    transport = _Transport(address, user, password, timeout, ssl_context)
    return Connection(transport, database if database is not None else dbname, autocommit)


# ---- Cursors


class Cursor:
    """Runs statements and holds their rows."""

    def __init__(self, connection):
        self.connection = connection
        #: Rows that fetchmany() gives.
        self.arraysize = 1
        self._closed = False
        self._reset()

    def _reset(self):
        self.description = None
        #: -1: nothing was executed yet, or the number is not known.
        self.rowcount = -1
        #: The first AUTO_INCREMENT value that the statement gave; None: it gave none.
        self.lastrowid = None
        #: Index of the next row; None: no result.
        self.rownumber = None
        #: (Warning, message) for each of the statement's warnings.
        self.messages = []
        self._rows = None

    # -- Statements

    def execute(self, operation, parameters=None):
        """Runs one statement. Parameters: a dict for %(name)s, :name and ::name; a sequence for %s. Gives the cursor."""
        self._check_open()
        self._reset()
        statement = _json_statement(operation, parameters)
        answer = self.connection._request('"as":"array",' + statement[1:-1])
        self._take_result(answer)
        return self

    def executemany(self, operation, seq_of_parameters):
        """Runs a statement for each of the parameters, a thousand in one request; all of them are done or, behind an exception, none.

        In a transaction those before the one that failed stay, until it is rolled back.
        """
        self._check_open()
        self._reset()
        connection = self.connection
        batches = _batches(_json_statement(operation, parameters) for parameters in seq_of_parameters)
        first = next(batches, None)
        if first is None:
            self.rowcount = 0
            return self
        second = next(batches, None)
        if second is None and not connection._uses_session():
            self._take_results(connection._request('"statements":[%s],"atomic":true' % first))
            return self
        begins = not connection._uses_session()
        if begins:
            connection.begin()
        try:
            batch = first
            while batch is not None:
                self._take_results(connection._request('"statements":[%s],"stop_on_error":true' % batch))
                batch, second = second, next(batches, None)
            if begins:
                connection.commit()
        except BaseException:
            if begins:
                connection.rollback()
            raise
        return self

    def callproc(self, procname, parameters=()):
        raise NotSupportedError('there are no stored procedures')

    def _take_result(self, answer):
        self.messages = [(Warning, warning['message']) for warning in answer.get('warnings', ())]
        if answer['fields']:
            self.description = tuple(_describe(field) for field in answer['fields'])
            read = _row_reader(self.description)
            self._rows = [read(row) for row in answer['rows']]
            self.rowcount = len(self._rows)
            self.rownumber = 0
        else:
            self.rowcount = answer['rowsAffected']
            self.lastrowid = int(answer['insertId']) or None

    def _take_results(self, answer):
        self.rowcount = max(self.rowcount, 0)
        for result in answer['results']:
            if 'error' in result:
                raise _error_of(result['error'])
            if result['fields']:
                raise ProgrammingError('executemany() is for statements without a result')
            self.rowcount += result['rowsAffected']
            self.lastrowid = int(result['insertId']) or self.lastrowid

    # -- Rows

    def fetchone(self):
        """The next row, None behind the last one."""
        rows = self._result()
        if self.rownumber >= len(rows):
            return None
        row = rows[self.rownumber]
        self.rownumber += 1
        return row

    def fetchmany(self, size=None):
        rows = self._result()
        end = self.rownumber + (self.arraysize if size is None else size)
        taken = rows[self.rownumber:end]
        self.rownumber += len(taken)
        return taken

    def fetchall(self):
        taken = self._result()[self.rownumber:]
        self.rownumber += len(taken)
        return taken

    def __iter__(self):
        return self

    def __next__(self):
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row

    def _result(self):
        self._check_open()
        if self._rows is None:
            raise ProgrammingError('there is no result to fetch from; execute a query first')
        return self._rows

    # -- The rest

    def setinputsizes(self, sizes):
        """Does nothing: values have their sizes."""

    def setoutputsize(self, size, column=None):
        """Does nothing: columns come whole."""

    def close(self):
        """Safe to call twice."""
        self._closed = True
        self._rows = None

    def __enter__(self):
        return self

    def __exit__(self, _kind, _error, _traceback):
        self.close()

    def _check_open(self):
        if self._closed:
            raise InterfaceError('the cursor is closed')
        self.connection._check_open()


def _batches(statements):
    """Groups of statements with commas between, each for one request."""
    group, characters = [], 0
    for statement in statements:
        if group and (len(group) >= BATCH_STATEMENTS or characters + len(statement) > BATCH_CHARACTERS):
            yield ','.join(group)
            group, characters = [], 0
        group.append(statement)
        characters += len(statement)
    if group:
        yield ','.join(group)


class StreamCursor(Cursor):
    """A cursor whose rows are read from the server as they are fetched (NDJSON): results of any size. `rowcount` is known behind the last row.

    Closing it early ends the statement in the server. In a transaction nothing else can run before it is read or closed.
    """

    def _reset(self):
        self._stop()
        super()._reset()
        self._read = None

    _open = None

    def execute(self, operation, parameters=None):
        self._check_open()
        self._reset()
        statement = '"as":"array",' + _json_statement(operation, parameters)[1:-1]
        connection = self.connection
        if connection._uses_session():
            first = connection._within(lambda place: self._start('{%s%s}' % (statement, place)))
        else:
            first = self._start('{%s%s}' % (statement, connection._database_member()))
        if first['fields']:
            self.description = tuple(_describe(field) for field in first['fields'])
            self._read = _row_reader(self.description)
            self.rownumber = 0
            connection._stream = self
        else:
            self._finish(self._line())
        return self

    def executemany(self, operation, seq_of_parameters):
        raise NotSupportedError('a stream cursor runs one statement; use connection.cursor()')

    def _start(self, body):
        transport = self.connection._transport
        self._open = transport.open('POST', '/v1/sql', body, 'application/x-ndjson')
        response = self._open[1]
        if response.status == 200:
            return self._line()
        try:
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._stop()
            raise transport.lost(error) from error
        self._finish_request()
        return transport.answer(response, content)

    def _line(self):
        """The next line. Raises what went wrong behind the rows that were sent."""
        transport, (connection, response) = self.connection._transport, self._open
        try:
            line = response.readline()
        except (OSError, http.client.HTTPException) as error:
            self._stop()
            raise transport.lost(error) from error
        if not line:
            self._stop()
            raise transport.lost(http.client.IncompleteRead(b''))
        value = json.loads(line)
        if isinstance(value, dict) and 'error' in value:
            self._stop()
            raise _error_of(value['error'])
        return value

    def _finish(self, tail):
        self.messages = [(Warning, warning['message']) for warning in tail['warnings']]
        self.rowcount = tail['rowsAffected'] if self._read is None else self.rownumber
        self.lastrowid = int(tail['insertId']) or None
        response = self._open[1]
        response.read()
        self._finish_request()

    def _finish_request(self):
        connection, response = self._open
        self._open = None
        self.connection._transport.give_back(connection, response)
        if self.connection._stream is self:
            self.connection._stream = None

    def _stop(self):
        """Leaves a stream that is not at its end: the server ends the statement."""
        if self._open is None:
            return
        connection, response = self._open
        self._open = None
        # The response holds the socket too, until it is closed itself.
        response.close()
        connection.close()
        if self.connection._stream is self:
            self.connection._stream = None

    def fetchone(self):
        self._check_result()
        if self._open is None:
            return None
        line = self._line()
        # Rows are arrays, what comes behind them is an object.
        if isinstance(line, dict):
            self._finish(line)
            return None
        self.rownumber += 1
        return self._read(line)

    def fetchmany(self, size=None):
        rows = []
        for _ in range(self.arraysize if size is None else size):
            row = self.fetchone()
            if row is None:
                break
            rows.append(row)
        return rows

    def fetchall(self):
        return list(iter(self.fetchone, None))

    def _check_result(self):
        self._check_open()
        if self._read is None:
            raise ProgrammingError('there is no result to fetch from; execute a query first')

    def close(self):
        self._stop()
        super().close()
