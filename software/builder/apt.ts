/** apt, as it is used here: what it says while it installs, and how it works where nothing of the system may change. */

/** apt fetches, unpacks and sets up each package, and says so. */
const LINES = 3;

/**
 * Returns a function that takes apt's output line by line, and tells how far it is: 0 to 1, never quite 1. `expected`
 * is about how many packages there are.
 */
export function aptMeter(
  expected: number,
  tell: (share: number, text: string) => void,
): (line: string) => void {
  const total = expected * LINES;
  let done = 0;
  return line => {
    if (!/^(Get:|Unpacking |Setting up )/.test(line)) return;
    done = Math.min(done + 1, total - 1);
    tell(done / total, line.replace(/ \.\.\.$/, '').slice(0, 80));
  };
}

/**
 * Lines of shell, after which apt keeps its state in /tmp: in the builder that is private, and the rest is read-only
 * and has no index of packages.
 */
export const APT_IN_TMP = `
mkdir -p /tmp/apt/lists/partial /tmp/apt/archives/partial
cat > /tmp/apt/apt.conf <<'CONF'
Dir::State::Lists "/tmp/apt/lists";
Dir::Cache "/tmp/apt";
APT::Sandbox::User "root";
CONF
export APT_CONFIG=/tmp/apt/apt.conf
`;
