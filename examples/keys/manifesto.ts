// The program of CoolHash's manifesto (Fourinone 4.0, 2013), line by line: npm start, then npx tsx examples/keys/manifesto.ts [Sluice's HTTP port]
//
// Above each line stands the one that it is made from. What is printed is the same, but for the order of the first line: keys have an order here.
import { connect } from 'sluice/client';

const port = process.argv[2] ?? '3888';

// CoolHashClient chc = BeanContext.getCoolHashClient("localhost",2014);
const chc = connect(`http://127.0.0.1:${port}`).keys;

// chc.put("user.001.name","zhang");                  (a string)
await chc.put('user.001.name', 'zhang');
// chc.put("user.001.age",20);                        (an integer)
await chc.put('user.001.age', 20);
// chc.put("user.001.weight",50.55f);                 (a floating-point number)
await chc.put('user.001.weight', 50.55);
// chc.put("user.001.pet",new ArrayList());           (a collection)
await chc.put('user.001.pet', []);

// String name = (String)chc.get("user.001.name");
const name = (await chc.get('user.001.name')) as string;
// int age = (int)chc.get("user.001.age");
const age = (await chc.get('user.001.age')) as number;
// float weight = (float)chc.get("user.001.weight");
const weight = (await chc.get('user.001.weight')) as number;
// ArrayList pet = (ArrayList)chc.get("user.001.pet");
const pet = (await chc.get('user.001.pet')) as unknown[];

// chc.put("user.002.name","Li");
await chc.put('user.002.name', 'Li');
// chc.put("user.002.age",25);
await chc.put('user.002.age', 25);
// chc.put("user.002.weight",60.55f);
await chc.put('user.002.weight', 60.55);

// CoolKeyResult keyresult = chc.findKey("user.001.*");          (all properties of user 001)
// CoolKeySet ks = keyresult.nextBatchKey(4);                    (a page of four)
const ks = (await chc.findKeysPage({ find: 'user.001.*' }, { limit: 4 })).keys;
// System.out.println(ks);       prints [user.001.weight, user.001.age, user.001.name, user.001.pet]
console.log(`[${ks.join(', ')}]`);

// CoolHashResult mapresult = chc.find("user.*.age", ValueFilter.greater(18));      (users older than 18)
// CoolHashMap hm = mapresult.nextBatch(10);
const hm = await chc.find('user.*.age', { test: 'gt', operands: [18] }, { limit: 10 }).toMap();
// System.out.println(hm);       prints [user.001.age=20, user.002.age=25]
console.log(`[${Array.from(hm, ([key, value]) => `${key}=${value}`).join(', ')}]`);

// What the manifesto reads and does not print.
console.log(`${name}, ${age}, ${weight}, ${pet.length} pets`);
