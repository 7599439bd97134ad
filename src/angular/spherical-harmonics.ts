/**
 * Real spherical harmonics, THEORY.md Eq. (9), from Cartesian recurrences: no angle, no trigonometry, no special case at the poles.
 *
 *   Y_lm(x, y, z) = Q̃_l|m|(z) · { s_|m| (m < 0), 1 (m = 0), c_m (m > 0) }    with c_m + i s_m = (x + iy)^m,
 *   Q̃_lm = √((2 − δ_m0) (2l+1)/4π · (l−m)!/(l+m)!) · d^m P_l/dz^m.
 *
 * Orthonormal on the sphere, without the Condon–Shortley sign: Y_1 ∝ (y, z, x). Order of the output: lm = l² + l + m.
 * For every m, with n = 1 … m in the product:
 *
 *   Q̃_mm    = √((2 − δ_m0)/4π · (2m+1) · Π (2n−1)/2n)                      `sectoral[m]`
 *   Q̃_lm    = a_lm (z Q̃_{l−1,m} + b_lm Q̃_{l−2,m}),   l > m                `a`, `b`; Q̃_{m−1,m} = 0 and b_{m+1,m} = 0
 *   dQ̃_lm/dz = g_lm Q̃_{l,m+1}                                            `g`; g_ll = 0
 *   c_{m+1} = x c_m − y s_m,   s_{m+1} = x s_m + y c_m,   c_0 = 1, s_0 = 0
 *
 * The recurrence is that of Y itself, so nothing overflows or cancels: |Y_lm| ≤ √((2l+1)/4π), and Q̃_lm, which leaves out the factor (1 − z²)^{m/2},
 * stays below 1e4 up to l = 20. The form of the polynomials follows Drautz, doi:10.1103/PhysRevB.102.024104, and sphericart, doi:10.1063/5.0156307.
 */

/** Coefficients of the recurrences; the arrays with two indices are triangles, l(l+1)/2 + m for 0 ≤ m ≤ l ≤ lMax. */
export interface HarmonicRecurrence {
  readonly lMax: number;
  /** Q̃_mm, [m]. */
  readonly sectoral: Float64Array;
  /** a_lm = √((4l²−1)/(l²−m²)), 0 where l = m. */
  readonly a: Float64Array;
  /** b_lm = −√(((l−1)²−m²)/(4(l−1)²−1)), 0 where l ≤ m + 1. */
  readonly b: Float64Array;
  /** g_lm = √((l−m)(l+m+1)(2−δ_m0)/2). */
  readonly g: Float64Array;
}

/** Coefficients of the normalized recurrences for l ≤ lMax, flat, as the WebAssembly and WGSL kernels read them. */
export function harmonicRecurrence(lMax: number): HarmonicRecurrence {
  const size = ((lMax + 1) * (lMax + 2)) / 2;
  const sectoral = new Float64Array(lMax + 1);
  const [a, b, g] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  let square = 1 / (4 * Math.PI);
  for (let m = 0; m <= lMax; m++) {
    if (m > 0) square *= ((2 * m + 1) / (2 * m)) * (m === 1 ? 2 : 1);
    sectoral[m] = Math.sqrt(square);
  }
  for (let l = 0; l <= lMax; l++) {
    for (let m = 0; m <= l; m++) {
      const lm = (l * (l + 1)) / 2 + m;
      if (l > m) a[lm] = Math.sqrt((4 * l * l - 1) / (l * l - m * m));
      if (l > m + 1) b[lm] = -Math.sqrt(((l - 1) ** 2 - m * m) / (4 * (l - 1) ** 2 - 1));
      g[lm] = Math.sqrt((l - m) * (l + m + 1) * (m === 0 ? 0.5 : 1));
    }
  }
  return { lMax, sectoral, a, b, g };
}

interface Workspace extends HarmonicRecurrence {
  readonly q: Float64Array;
}

const workspaces: Workspace[] = [];

function workspace(lMax: number): Workspace {
  return (workspaces[lMax] ??= { ...harmonicRecurrence(lMax), q: new Float64Array(((lMax + 1) * (lMax + 2)) / 2) });
}

function legendre({ lMax, sectoral, a, b, q }: Workspace, z: number): void {
  for (let m = 0; m <= lMax; m++) {
    let before = 0;
    let last = sectoral[m]!;
    q[(m * (m + 1)) / 2 + m] = last;
    for (let l = m + 1; l <= lMax; l++) {
      const lm = (l * (l + 1)) / 2 + m;
      const next = a[lm]! * (z * last + b[lm]! * before);
      q[lm] = next;
      before = last;
      last = next;
    }
  }
}

/**
 * Y_lm(r̂) for all l ≤ lMax.
 * @param x,y,z components of a unit vector; it is not normalized here.
 * @param out [lm], (lMax + 1)² numbers.
 */
export function sphericalHarmonics(lMax: number, x: number, y: number, z: number, out: Float64Array): void {
  const work = workspace(lMax);
  legendre(work, z);
  let c = 1;
  let s = 0;
  for (let m = 0; m <= lMax; m++) {
    for (let l = m; l <= lMax; l++) {
      const q = work.q[(l * (l + 1)) / 2 + m]!;
      const center = l * l + l;
      if (m > 0) out[center - m] = q * s;
      out[center + m] = q * c;
    }
    const next = x * c - y * s;
    s = x * s + y * c;
    c = next;
  }
}

/**
 * Y_lm(r̂) and its derivative with respect to the Cartesian vector r = r·r̂: ∇Y = (1/r)(1 − r̂r̂ᵀ) ∂Y/∂r̂.
 * @param x,y,z components of the unit vector r̂.
 * @param r length of the vector in Å, > 0.
 * @param values [lm], (lMax + 1)² numbers.
 * @param gradient [xyz][lm] in 1/Å, 3(lMax + 1)² numbers; tangential, r̂·∇Y = 0.
 */
export function sphericalHarmonicsGradient(
  lMax: number,
  x: number,
  y: number,
  z: number,
  r: number,
  values: Float64Array,
  gradient: Float64Array,
): void {
  const work = workspace(lMax);
  const { q, g } = work;
  const size = (lMax + 1) ** 2;
  const perLength = 1 / r;
  legendre(work, z);
  const store = (lm: number, value: number, dx: number, dy: number, dz: number): void => {
    const radial = x * dx + y * dy + z * dz;
    values[lm] = value;
    gradient[lm] = perLength * (dx - x * radial);
    gradient[size + lm] = perLength * (dy - y * radial);
    gradient[2 * size + lm] = perLength * (dz - z * radial);
  };
  // (x + iy)^m and (x + iy)^{m−1}; for m = 0 the latter is multiplied by m.
  let [c, s, cBefore, sBefore] = [1, 0, 0, 0];
  for (let m = 0; m <= lMax; m++) {
    for (let l = m; l <= lMax; l++) {
      const lm = (l * (l + 1)) / 2 + m;
      const slope = m < l ? g[lm]! * q[lm + 1]! : 0;
      const scaled = m * q[lm]!;
      const center = l * l + l;
      if (m > 0) store(center - m, q[lm]! * s, scaled * sBefore, scaled * cBefore, slope * s);
      store(center + m, q[lm]! * c, scaled * cBefore, -scaled * sBefore, slope * c);
    }
    [c, s, cBefore, sBefore] = [x * c - y * s, x * s + y * c, c, s];
  }
}
