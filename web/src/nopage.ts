// Replacements for globals that the module uses at import, for servers without a page. The build of the npm package injects them.

export const HTMLElement = globalThis.HTMLElement || class {};
export const document = globalThis.document || { querySelector: () => null };
