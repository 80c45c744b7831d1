// The build imports stylesheets as minified text.
declare module '*.css' {
  const text: string;
  export default text;
}

/** Whether the script can open event streams. The build removes such code from other scripts. */
declare const LIVE: boolean;
