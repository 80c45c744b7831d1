// The build hands stylesheets over as minified text.
declare module '*.css' {
  const text: string;
  export default text;
}

/** Whether the build makes a script that can follow the service's events; what is behind it is not in the others. */
declare const LIVE: boolean;
