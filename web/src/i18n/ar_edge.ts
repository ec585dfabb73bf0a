export const AR_EDGE: Readonly<Record<string, string>> = {};
