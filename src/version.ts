/** The release, and the version that MySQL's clients are told: they read the leading number and adapt to it. */
export const SLUICE_VERSION = '0.1.0';
export const MYSQL_VERSION = `8.0.42-Sluice-${SLUICE_VERSION}`;
