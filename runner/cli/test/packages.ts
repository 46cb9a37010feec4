/** Debian packages that the tests use, with the reason that is printed before they are installed. */
export const TEST_PACKAGES = [
  { package: 'chromium', why: 'a real browser for the end-to-end tests', probe: 'chromium' },
  { package: 'shellcheck', why: "kfs lint looks at every step's shell with it", probe: 'shellcheck' },
  { package: 'openssh-server', why: 'a real sshd for the tests of remote steps', probe: '/usr/sbin/sshd' },
  { package: 'openssh-client', why: 'steps reach machines through it', probe: 'ssh' },
  { package: 'jq', why: 'steps of the book pick from JSON with it', probe: 'jq' },
  { package: 'openssl', why: 'checks every certificate that kfs pki makes', probe: 'openssl' },
];
