import { ensureBuild } from './compile.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { say } from './say.mjs';

// npm run build
await ensureDependencies();
await ensureBuild();
say('dist/ and dist-client/ are up to date');
