/** Files that people have beside their structures and that are not read: recognized, so that the message can name them. */
import type { StructureFormat } from "./format.js";

// The first bytes of binary files are no UTF-8 and come as U+FFFD.
const KINDS: readonly (readonly [name: string, content: RegExp | null, file: RegExp | null])[] = [
  ["an HDF5 file", /^\ufffdHDF\r\n/, /\.(?:h5|hdf5|h5md)$/i],
  ["a NetCDF file", /^CDF[\x01\x02\x05]/, /\.nc$/i],
  ["an SQLite database (ASE's .db)", /^SQLite format 3/, /\.db$/i],
  ["an ASE trajectory (.traj)", /^- of Ulm/, /\.traj$/i],
  ["a zip archive (.npz, .zip)", /^PK\x03\x04/, /\.(?:npz|zip)$/i],
  ["a NumPy array", /^\ufffdNUMPY/, /\.npy$/i],
  ["a CHARMM or NAMD trajectory (.dcd)", /^.{4}CORD/s, /\.dcd$/i],
  ["a GROMACS file", null, /\.(?:gro|trr|xtc|tpr)$/i],
  ["a Protein Data Bank file", /^(?:HEADER|CRYST1|REMARK|ATOM  |HETATM|MODEL  )/, /\.pdb$/i],
  ["a Gaussian cube file", /^[^\n]*\n[^\n]*\n\s*-?\d+(?:\s+-?\d+\.\d+){3}(?:\s+\d+)?\s*\n(?:\s*-?\d+(?:\s+-?\d+\.\d+){3}\s*\n){3}/, /\.cube?$/i],
  ["a Gaussian output", /Entering Gaussian System/, null],
  ["a Quantum ESPRESSO output", /Program PWSCF/, /\.pwo$/i],
  ["a Quantum ESPRESSO input", /^\s*&(?:control|system)\b/im, /\.pwi$/i],
  ["a CASTEP output", /CCC\s+AA\s+SSS|\bCASTEP version/, /\.castep$/i],
  ["a CASTEP trajectory", /^\s*BEGIN header/, /\.(?:md|geom)$/i],
  ["a CASTEP cell", /^\s*%BLOCK\s+LATTICE/im, /\.cell$/i],
  ["an FHI-aims output", /Invoking FHI-aims/, null],
  ["an FHI-aims geometry", /^\s*(?:lattice_vector|atom|atom_frac)\s+-?\d/m, /^geometry\.in/],
  ["an ORCA output", /\* O\s+R\s+C\s+A \*/, null],
  ["a SIESTA output", /Welcome to SIESTA|^Siesta Version/m, null],
  ["an XSF file", /^\s*(?:CRYSTAL|SLAB|POLYMER|MOLECULE|ANIMSTEPS)\b/m, /\.a?xsf$/i],
  ["a DFTB+ gen file", /^\s*\d+\s+[CSF]\s*\n\s*[A-Z][a-z]?(?:\s+[A-Z][a-z]?)*\s*\n/, /\.gen$/i],
  ["a LAMMPS log", /^LAMMPS \(/, /^log\.lammps/],
  ["an MTP configuration file", /^\s*BEGIN_CFG/, /\.cfg$/i],
];

export const recognizedFormats: readonly StructureFormat[] = KINDS.map(([name, content, file]) => ({
  name,
  recognizes: (given, head) => (content?.test(head) ?? false) || (file?.test(given) ?? false),
}));
