/** What marks a file as a Trace, apart from the schema so that writers need not load a validator. */
export const TRACE_FORMAT = "backstep-trace";
export const TRACE_VERSION = 1;
/** Characters of a tensor's repr that a Trace keeps. */
export const REPR_LIMIT = 4000;
