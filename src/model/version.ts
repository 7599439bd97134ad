/** Version of this package; a test holds it equal to package.json. */
export const latherVersion = "0.1.0";
