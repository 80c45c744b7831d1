// The build hands stylesheets over as minified text.
declare module '*.css' {
  const text: string;
  export default text;
}
