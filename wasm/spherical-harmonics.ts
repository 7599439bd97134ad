// Y_lm(r̂) and ∂Y_lm/∂r̂ by the Cartesian recurrences of Eq. (9); src/angular/spherical-harmonics.ts is the specification.
// `recurrence` holds sectoral[lMax + 1], then the triangles a, b, g with l(l+1)/2 + m.

@inline
function load(pointer: usize, index: i32): f64 {
  return f64.load(pointer + (<usize>index << 3));
}

@inline
function save(pointer: usize, index: i32, value: f64): void {
  f64.store(pointer + (<usize>index << 3), value);
}

/** Writes Y_lm for the unit vector (x, y, z), [lm]. */
export function harmonics(lMax: i32, recurrence: usize, x: f64, y: f64, z: f64, out: usize): void {
  const triangle = <usize>((lMax + 1) * (lMax + 2) / 2) << 3;
  const a = recurrence + (<usize>(lMax + 1) << 3);
  const b = a + triangle;
  let c = 1.0, s = 0.0;
  for (let m = 0; m <= lMax; m++) {
    let before = 0.0;
    let q = load(recurrence, m);
    for (let l = m; ; ) {
      const center = l * l + l;
      save(out, center - m, q * s);
      save(out, center + m, q * c);
      if (++l > lMax) break;
      const lm = l * (l + 1) / 2 + m;
      const next = load(a, lm) * (z * q + load(b, lm) * before);
      before = q;
      q = next;
    }
    const next = x * c - y * s;
    s = x * s + y * c;
    c = next;
  }
}

/**
 * Writes Y_lm and the derivatives of its polynomial with respect to x, y and z (not yet projected on the tangent plane): each `stride` numbers apart, [4][stride].
 * `legendre` is scratch for (lMax + 1)(lMax + 2)/2 numbers.
 */
export function harmonicsGradient(lMax: i32, recurrence: usize, x: f64, y: f64, z: f64, out: usize, stride: i32, legendre: usize): void {
  const triangle = <usize>((lMax + 1) * (lMax + 2) / 2) << 3;
  const a = recurrence + (<usize>(lMax + 1) << 3);
  const b = a + triangle;
  const g = b + triangle;
  const dx = out + (<usize>stride << 3), dy = dx + (<usize>stride << 3), dz = dy + (<usize>stride << 3);
  for (let m = 0; m <= lMax; m++) {
    let before = 0.0;
    let q = load(recurrence, m);
    for (let l = m; ; ) {
      save(legendre, l * (l + 1) / 2 + m, q);
      if (++l > lMax) break;
      const lm = l * (l + 1) / 2 + m;
      const next = load(a, lm) * (z * q + load(b, lm) * before);
      before = q;
      q = next;
    }
  }
  let c = 1.0, s = 0.0, cBefore = 0.0, sBefore = 0.0;
  for (let m = 0; m <= lMax; m++) {
    const order = <f64>m;
    for (let l = m; l <= lMax; l++) {
      const lm = l * (l + 1) / 2 + m;
      const q = load(legendre, lm);
      const slope = l > m ? load(g, lm) * load(legendre, lm + 1) : 0.0;
      const center = l * l + l;
      // m = 0 writes both names of one element; the cosine, written last, is the right one.
      save(out, center - m, q * s);
      save(out, center + m, q * c);
      save(dx, center - m, q * order * sBefore);
      save(dx, center + m, q * order * cBefore);
      save(dy, center - m, q * order * cBefore);
      save(dy, center + m, -q * order * sBefore);
      save(dz, center - m, slope * s);
      save(dz, center + m, slope * c);
    }
    cBefore = c;
    sBefore = s;
    const next = x * c - y * s;
    s = x * s + y * c;
    c = next;
  }
}
