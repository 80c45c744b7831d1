// Where there is no page, as on a server that makes one, these stand in for what the module names as soon as it is imported.
// The build of the npm package puts them in the place of the globals.

export const HTMLElement = globalThis.HTMLElement || class {};
export const document = globalThis.document || { querySelector: () => null };
