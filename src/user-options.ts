/** `[[users]]` in the configuration file: names, passwords or their hashes, roles. */

export const USER_ROLES = ['reader', 'writer', 'admin'] as const;

export type UserRole = (typeof USER_ROLES)[number];

export interface UserConfig {
  readonly name: string;
  readonly password?: string;
  /** Instead of the password: `*` and 40 hexadecimal digits (MySQL's PASSWORD()), or 64 digits, SHA256(SHA256(password)). */
  readonly passwordHash?: string;
  /** Of all databases, or of those of `databases`; admin of all where nothing is said. */
  readonly role?: UserRole;
  /** Those in which `role` holds, or the role in each by its name. */
  readonly databases?: readonly string[] | Readonly<Record<string, UserRole>>;
}

const NAME_CHARS_MAX = 32;
const KEYS = ['name', 'password', 'password_hash', 'role', 'databases'];
const HASH = /^(?:\*[0-9a-f]{40}|[0-9a-f]{64})$/i;

/** Throws an Error that says what is wrong with which. */
export function readUsers(given: unknown, unknownKey: (key: string, known: readonly string[]) => string): UserConfig[] {
  if (!Array.isArray(given)) throw new Error('write each user as a table of its own, [[users]]');
  const users = given.map((user: unknown, i) => {
    try {
      return readUser(user, unknownKey);
    } catch (error) {
      throw new Error(`number ${i + 1}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  const twice = users.find((user, i) => users.findIndex((other) => other.name === user.name) < i);
  if (twice !== undefined) throw new Error(`${twice.name} is there twice`);
  return users;
}

/** May log in from other machines. */
export function hasPassword({ password, passwordHash }: UserConfig): boolean {
  return passwordHash !== undefined || (password ?? '') !== '';
}

function readUser(user: unknown, unknownKey: (key: string, known: readonly string[]) => string): UserConfig {
  if (typeof user !== 'object' || user === null) throw new Error('write it as a table, [[users]]');
  const { name, password, password_hash: passwordHash, role, databases, ...others } = user as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`a user has no ${unknown}${unknownKey(unknown, KEYS)}`);
  if (typeof name !== 'string' || name === '' || name.length > NAME_CHARS_MAX)
    throw new Error(`name must be a text of 1 to ${NAME_CHARS_MAX} characters`);
  if (passwordHash !== undefined) {
    if (password !== undefined) throw new Error('password and password_hash are both given: one is enough');
    if (typeof passwordHash !== 'string' || !HASH.test(passwordHash))
      throw new Error('password_hash must be * and 40 hexadecimal digits, or 64 of them');
  } else if (typeof password !== 'string') {
    throw new Error('password must be a text, "" for none');
  }
  if (role !== undefined && !isRole(role)) throw new Error(`role must be one of ${USER_ROLES.join(', ')}`);
  return {
    name,
    ...(typeof password === 'string' && { password }),
    ...(typeof passwordHash === 'string' && { passwordHash }),
    ...(role !== undefined && { role }),
    ...(databases !== undefined && { databases: readDatabases(databases, role) }),
  };
}

function readDatabases(given: unknown, role: UserRole | undefined): NonNullable<UserConfig['databases']> {
  if (Array.isArray(given)) {
    if (role === undefined) throw new Error('role is missing: what the user may do in databases');
    if (given.some((name) => typeof name !== 'string' || name === ''))
      throw new Error('databases must be a list of names, or a table of roles by name');
    return given as string[];
  }
  if (typeof given !== 'object' || given === null || !Object.values(given).every(isRole))
    throw new Error(`databases must be a list of names, or a table of roles (${USER_ROLES.join(', ')}) by name`);
  if (role !== undefined) throw new Error('role and a table of databases are both given: the table says the roles');
  return given as Record<string, UserRole>;
}

function isRole(value: unknown): value is UserRole {
  return USER_ROLES.includes(value as UserRole);
}
