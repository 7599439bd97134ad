// Products with the sparse points of one element, for virial-rows.wgsl and force-rows.wgsl, which this file is joined to.

override ZETA: u32;

/** Columns over 4, elements, index of the element, column of the products with μ. */
struct Sizes { quads: u32, elements: u32, element: u32, mean: u32 }

/** δ·z_m: products with δ_m and with μ. */
fn product(row: u32, quad: u32) -> vec4<f32> {
  return products[row * sizes.quads + quad] + products[row * sizes.quads + sizes.mean / 4u][sizes.mean % 4u];
}
