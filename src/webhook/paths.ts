/** Where the two phases of admission are served. */
export const MUTATE_PATH = '/mutate';
export const VALIDATE_PATH = '/validate';
