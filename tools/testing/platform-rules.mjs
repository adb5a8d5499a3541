// Lint rules that find code that works on one system only: Linux, macOS or Windows. What has to know the system is in one file
// for the packages and in one for tests and scripts. `docs/test/platforms.test.ts` shows that each rule finds its kind.

/** The files that know the system. */
export const platformFiles = ['packages/tensor/src/files/platform.ts', 'tools/testing/platform.mjs'];

/** The tests of the first of them, and a program that they start. They try what only one system has, and say so. */
const platformTests = ['packages/tensor/src/files/*.test.ts', 'packages/tensor/test/use-files.ts'];

const see = `ask ${platformFiles.join(' or ')} instead`;

/** Members of `process` that tell the system, or that exist on some systems only. */
const ofProcess = ['platform', 'kill', 'getuid', 'geteuid', 'getgid', 'setuid', 'setgid', 'umask'];

/** Functions of `node:fs` whose effect depends on the system. */
const ofFiles = '(rename|symlink|chmod|fchmod|lchmod|chown|lchown|fchown|fsync|fdatasync)(Sync)?';

const starts = '(spawn|spawnSync|exec|execSync|execFile|execFileSync|fork)';

const folders = 'tmp|usr|bin|etc|var|proc|dev|home|opt|Applications';

/** Folders of POSIX systems, at the start of a text; `/dev/` alone may be a part of an address. */
const systemFolder = String.raw`^\u002F(tmp(\u002F|$)|(${folders})(\u002F.|$))`;

/** By kind. The name of each appears in a test. */
export const kinds = {
  'system asked': [
    ...ofProcess.map((name) => ({
      selector: `MemberExpression[object.name='process'][property.name='${name}']`,
      message: `process.${name} differs between systems: ${see}`,
    })),
    {
      selector: "CallExpression[callee.object.name='os'][callee.property.name=/^(platform|type|userInfo)$/]",
      message: `the system's name is asked in one place: ${see}`,
    },
  ],
  signal: [
    {
      selector: 'Literal[value=/^SIG[A-Z]{2,}/]',
      message: `Windows knows few signals: ${see}`,
    },
  ],
  'file function': [
    {
      selector: `ImportDeclaration[source.value=/^(node:)?fs(.promises)?$/] > ImportSpecifier[imported.name=/^${ofFiles}$/]`,
      message: `on Windows it fails where another program holds the file, needs rights, or has no effect: ${see}`,
    },
    {
      selector: `CallExpression[callee.object.name=/^(fs|handle|file)$/][callee.property.name=/^${ofFiles}$/]`,
      message: `on Windows it fails where another program holds the file, needs rights, or has no effect: ${see}`,
    },
  ],
  'program by name': [
    {
      selector: `CallExpression[callee.name=/^${starts}$/] > Literal:first-child.arguments`,
      message: `a program's name differs between systems (npm is npm.cmd on Windows): use process.execPath, npmCommand, or ${see}`,
    },
    {
      selector: `CallExpression[callee.name=/^${starts}$/] Property[key.name='shell'][value.value=true]`,
      message: `shells differ between systems: start the program itself, or ${see}`,
    },
  ],
  'absolute path': [
    {
      selector: `Literal[value=/${systemFolder}/]`,
      message: `other systems have other folders: use os.tmpdir(), os.homedir() or os.devNull, or ${see}`,
    },
    {
      selector: String.raw`TemplateElement[value.cooked=/^\u002F(${folders})(\u002F|$)/]`,
      message: `other systems have other folders: use os.tmpdir(), os.homedir() or os.devNull, or ${see}`,
    },
  ],
  'home by variable': [
    {
      selector:
        "MemberExpression[object.property.name='env'][property.value=/^(HOME|USERPROFILE|APPDATA|LOCALAPPDATA|TEMP|TMP)$/]",
      message: 'the variable differs between systems: use os.homedir() or os.tmpdir()',
    },
    {
      selector:
        "MemberExpression[object.property.name='env'][property.name=/^(HOME|USERPROFILE|APPDATA|LOCALAPPDATA|TEMP|TMP)$/]",
      message: 'the variable differs between systems: use os.homedir() or os.tmpdir()',
    },
  ],
  'address taken as a path': [
    {
      selector:
        "MemberExpression[property.name='pathname'][object.type='NewExpression'][object.arguments.1.object.type='MetaProperty']",
      message: 'on Windows the path of a file address is no path: use fileURLToPath',
    },
    {
      selector: 'Literal[value=/^file:(\\u002F)+$/]',
      message: 'addresses of files are made with pathToFileURL and read with fileURLToPath',
    },
    {
      selector: 'TemplateElement[value.cooked=/^file:(\\u002F)+$/]',
      message: 'addresses of files are made with pathToFileURL and read with fileURLToPath',
    },
  ],
  separator: [
    {
      selector:
        "CallExpression[callee.property.name=/^(split|lastIndexOf|indexOf|endsWith|startsWith|includes)$/][callee.object.type='CallExpression'][callee.object.callee.name=/^(join|resolve|relative|dirname|normalize|fileURLToPath|realpath|tmpdir)$/] > Literal[value=/^[.]{0,2}\\u002F/]",
      message: 'paths of Windows have backslashes: use basename, dirname, relative or path.sep',
    },
    {
      selector:
        "CallExpression[callee.property.name='split'][callee.object.object.property.name='env'] > Literal[value=/^[:;]$/].arguments",
      message: 'the separator of lists of paths is path.delimiter',
    },
  ],
  'file name': [
    {
      selector:
        "CallExpression[callee.name=/^(join|resolve)$/] CallExpression[callee.property.name='toISOString']",
      message: 'a file name on Windows has no colon',
    },
  ],
};

/** For ESLint's configuration. */
export const platformRules = [
  {
    files: ['packages/**/*.{ts,js,mjs}', 'tools/**/*.{ts,js,mjs}', 'docs/**/*.{ts,js,mjs}', '*.js'],
    ignores: [...platformFiles, ...platformTests, 'tools/testing/platform-rules.mjs'],
    rules: { 'no-restricted-syntax': ['error', ...Object.values(kinds).flat()] },
  },
];
