// x y + sum of vectors. In the build with relaxed SIMD this is one instruction with one rounding on every x64 processor with FMA and on arm64;
// in the plain build, two. ASC_FEATURE_RELAXED_SIMD is a constant of the compilation: the other branch is not there.

/** sum + x y, lanes of T. */
// @ts-ignore: decorator
@inline
export function multiplyAdd<T>(sum: v128, x: v128, y: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.relaxed_madd<T>(x, y, sum) : v128.add<T>(sum, v128.mul<T>(x, y));
}

/** sum − x y, lanes of T. */
// @ts-ignore: decorator
@inline
export function multiplySubtract<T>(sum: v128, x: v128, y: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.relaxed_nmadd<T>(x, y, sum) : v128.sub<T>(sum, v128.mul<T>(x, y));
}
