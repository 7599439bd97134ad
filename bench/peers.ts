/** Figures of other codes, built -O3 -march=native, on two Zen 4 cores of another machine of the same type: ratios carry 10–50 % of doubt. */
export interface Peer {
  readonly what: string;
  readonly threads: number;
  /** Seconds of a fit, or else ms per atom. */
  readonly seconds?: number;
  readonly ms_per_atom?: number;
  readonly peak_rss_mb?: number;
}

export const PEERS: Readonly<Record<string, readonly Peer[]>> = {
  "features-si512": [
    { what: "librascal, GTO, spline", threads: 1, ms_per_atom: 0.0303 },
    { what: "librascal, GTO, analytic", threads: 1, ms_per_atom: 0.0551 },
    { what: "DScribe, gto (radius in effect 6.5 Å)", threads: 1, ms_per_atom: 0.0349 },
  ],
  "features-mol200": [
    { what: "librascal, GTO, spline", threads: 1, ms_per_atom: 0.0344 },
    { what: "librascal, GTO, analytic", threads: 1, ms_per_atom: 0.048 },
    { what: "DScribe, gto", threads: 1, ms_per_atom: 0.0538 },
  ],
  "energy-forces-si512-m500": [{ what: "librascal GAP, M = 500", threads: 1, ms_per_atom: 0.713 }],
  "energy-forces-si512-zuo": [{ what: "QUIP GAP, M = 1000 (1.27–1.32)", threads: 1, ms_per_atom: 1.27 }],
  "fit-zuo-si": [
    { what: "gap_fit (QUIP), all features, no radial scaling, CUR; test MAE 2.61 meV/atom, 0.0717 eV/Å", threads: 2, seconds: 202, peak_rss_mb: 3710 },
    { what: "librascal, l 6, all features, no radial scaling, FPS, K_NM alone; test MAE 3.55 meV/atom, 0.0720 eV/Å", threads: 1, seconds: 47 },
  ],
};
