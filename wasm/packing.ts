// Panels for the micro-kernel of gemm.ts: `width` lanes side by side, panel[lane / width][p][lane % width], so that the inner loop reads both
// operands at consecutive addresses. Lanes beyond the last are zero: the micro-kernel knows no edges. Widths are 2 lanes (operand A) or 64 bytes
// (operand B).

/** Lanes adjacent in memory: element (lane, p) is source[p · ld + lane]. */
export function packAcross<T>(width: i32, lanes: i32, depth: i32, source: usize, ld: i32, panels: usize): void {
  const stride = <usize>ld * sizeof<T>();
  const bytes = <usize>width * sizeof<T>();
  let to = panels;
  for (let lane = 0; lane < lanes; lane += width) {
    let from = source + <usize>lane * sizeof<T>();
    const count = min(width, lanes - lane);
    if (count < width) {
      memory.fill(to, 0, <usize>depth * bytes);
      for (let p = 0; p < depth; p++) {
        for (let i = 0; i < count; i++) store<T>(to + <usize>i * sizeof<T>(), load<T>(from + <usize>i * sizeof<T>()));
        from += stride;
        to += bytes;
      }
    } else if (width == 2) {
      for (let p = 0; p < depth; p++) {
        store<T>(to, load<T>(from));
        store<T>(to, load<T>(from, sizeof<T>()), sizeof<T>());
        from += stride;
        to += bytes;
      }
    } else {
      for (let p = 0; p < depth; p++) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        v128.store(to, v128.load(from, 32), 32);
        v128.store(to, v128.load(from, 48), 48);
        from += stride;
        to += bytes;
      }
    }
  }
}

/** Depth adjacent in memory: element (lane, p) is source[lane · ld + p]. */
export function packAlong<T>(width: i32, lanes: i32, depth: i32, source: usize, ld: i32, panels: usize): void {
  const stride = <usize>ld * sizeof<T>();
  const bytes = <usize>width * sizeof<T>();
  let panel = panels;
  for (let lane = 0; lane < lanes; lane += width) {
    const count = min(width, lanes - lane);
    if (count < width) memory.fill(panel, 0, <usize>depth * bytes);
    let i = 0;
    for (; i + 2 <= count; i += 2) {
      let even = source + <usize>(lane + i) * stride;
      let odd = even + stride;
      let to = panel + <usize>i * sizeof<T>();
      let p = 0;
      if (sizeof<T>() == 8) {
        for (; p + 2 <= depth; p += 2) {
          const x = v128.load(even);
          const y = v128.load(odd);
          v128.store(to, v128.shuffle<f64>(x, y, 0, 2));
          v128.store(to + bytes, v128.shuffle<f64>(x, y, 1, 3));
          even += 16;
          odd += 16;
          to += 2 * bytes;
        }
      } else {
        for (; p + 2 <= depth; p += 2) {
          const pairs = v128.shuffle<f32>(v128.load64_zero(even), v128.load64_zero(odd), 0, 4, 1, 5);
          v128.store64_lane(to, pairs, 0);
          v128.store64_lane(to + bytes, pairs, 1);
          even += 8;
          odd += 8;
          to += 2 * bytes;
        }
      }
      for (; p < depth; p++) {
        store<T>(to, load<T>(even));
        store<T>(to, load<T>(odd), sizeof<T>());
        even += sizeof<T>();
        odd += sizeof<T>();
        to += bytes;
      }
    }
    for (; i < count; i++) {
      let from = source + <usize>(lane + i) * stride;
      let to = panel + <usize>i * sizeof<T>();
      for (let p = 0; p < depth; p++) {
        store<T>(to, load<T>(from));
        from += sizeof<T>();
        to += bytes;
      }
    }
    panel += <usize>depth * bytes;
  }
}
