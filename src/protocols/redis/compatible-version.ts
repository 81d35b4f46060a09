/** The version of Redis whose commands these are: clients choose their ways by it. */
export const COMPATIBLE_VERSION = '7.0.15';
