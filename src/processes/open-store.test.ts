import { storeContract } from '../stores/store-contract.suite.ts';
import { openEmbeddedStore, openStore } from './open-store.ts';

storeContract('SQLite with a writer and reader processes', {
  open: (directory, options) => openStore({ directory, readers: 2, ...options }),
});

storeContract('SQLite inside this process', {
  open: async (directory, options) => openEmbeddedStore({ directory, ...options }),
});
