// Times what peers do in the words of one question: JSON on standard input, JSON on standard output.
//
// {"rounds", "counts", "documents", "credential", "key", "mandatory", "pointers", "now", "quads"}
// --> {program: {work: [milliseconds, …]}}

import * as bbs from '@digitalbazaar/bbs-2023-cryptosuite';
import * as bls from '@digitalbazaar/bls12-381-multikey';
import * as digitalbazaar from '@digitalbazaar/bbs-signatures';
import * as mattr from '@mattrglobal/pairing-crypto';
import * as rdfCanonize from 'rdf-canonize';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {readFileSync} from 'node:fs';

const asked = JSON.parse(readFileSync(0));
const MULTIKEY = 'https://w3id.org/security/multikey/v1';
const found = {};

async function time(program, work, action, rounds = asked.rounds) {
  await action();
  const times = [];
  for(let round = 0; round < rounds; ++round) {
    const started = performance.now();
    await action();
    times.push(performance.now() - started);
  }
  (found[program] ??= {})[work] = times;
}

function require(held) {
  if(!held) {
    throw new Error('a peer did not verify what it made');
  }
}

const header = new TextEncoder().encode('header');
const presentationHeader = new TextEncoder().encode('ph');
const seed = Uint8Array.from({length: 32}, (_, index) => index);

function invented(count) {
  return Array.from({length: count}, (_, index) => new TextEncoder().encode(`message ${index}`.padEnd(32)));
}

async function timeDigitalBazaar(count) {
  const program = 'Digital Bazaar (JS)';
  const ciphersuite = digitalbazaar.CIPHERSUITES.BLS12381_SHA256;
  const {secretKey, publicKey} = await digitalbazaar.generateKeyPair({seed, ciphersuite});
  const messages = invented(count);
  const disclosedMessageIndexes = [...messages.keys()].filter(index => index % 2 === 0);
  const disclosedMessages = disclosedMessageIndexes.map(index => messages[index]);
  const common = {publicKey, header, ciphersuite};
  const signature = await digitalbazaar.sign({secretKey, messages, ...common});
  const proof = await digitalbazaar.deriveProof({
    signature, messages, presentationHeader, disclosedMessageIndexes, ...common
  });
  await time(program, `sign ${count}`, () => digitalbazaar.sign({secretKey, messages, ...common}));
  await time(program, `verify ${count}`, async () =>
    require(await digitalbazaar.verifySignature({signature, messages, ...common})));
  await time(program, `prove ${count}`, () => digitalbazaar.deriveProof({
    signature, messages, presentationHeader, disclosedMessageIndexes, ...common
  }));
  await time(program, `check ${count}`, async () => require(await digitalbazaar.verifyProof({
    proof, presentationHeader, disclosedMessages, disclosedMessageIndexes, ...common
  })));
}

async function timeMattr(count) {
  const program = 'MATTR (wasm)';
  const suite = mattr.bbs.bls12381_sha256;
  const {secretKey, publicKey} = await suite.generateKeyPair({ikm: seed, keyInfo: new Uint8Array()});
  const messages = invented(count);
  const signature = await suite.sign({secretKey, publicKey, header, messages});
  const marked = messages.map((value, index) => ({value, reveal: index % 2 === 0}));
  const shown = mattr.utilities.convertRevealMessageArrayToRevealMap(marked);
  const derive = () => suite.deriveProof({publicKey, header, presentationHeader, signature, messages: marked,
    verifySignature: false});
  const proof = await derive();
  await time(program, `sign ${count}`, () => suite.sign({secretKey, publicKey, header, messages}));
  await time(program, `verify ${count}`, async () =>
    require((await suite.verify({publicKey, header, signature, messages})).verified));
  await time(program, `prove ${count}`, derive);
  await time(program, `check ${count}`, async () =>
    require((await suite.verifyProof({publicKey, header, presentationHeader, proof, messages: shown})).verified));
}

async function timeCredential() {
  const program = 'Digital Bazaar (JS)';
  const known = new Map(Object.entries(asked.documents));
  const {id, controller, publicKeyMultibase} = asked.key;
  known.set(id, {'@context': MULTIKEY, id, type: 'Multikey', controller, publicKeyMultibase});
  known.set(controller, {'@context': 'https://www.w3.org/ns/did/v1', id: controller, assertionMethod: [id]});
  const documentLoader = async url => {
    if(!known.has(url)) {
      throw new Error(`not known here: ${url}`);
    }
    return {contextUrl: null, documentUrl: url, document: known.get(url)};
  };
  const algorithm = bls.ALGORITHMS.BBS_BLS12381_SHA256;
  const key = await bls.from({'@context': MULTIKEY, type: 'Multikey', ...asked.key}, {algorithm});
  const issue = () => vc.issue({
    credential: structuredClone(asked.credential), documentLoader, now: asked.now,
    suite: new DataIntegrityProof({
      signer: key.signer(), cryptosuite: bbs.createSignCryptosuite({mandatoryPointers: asked.mandatory})
    })
  });
  const base = await issue();
  const derive = () => vc.derive({
    verifiableCredential: structuredClone(base), documentLoader,
    suite: new DataIntegrityProof({
      cryptosuite: bbs.createDiscloseCryptosuite({selectivePointers: asked.pointers, presentationHeader})
    })
  });
  const view = await derive();
  const rounds = Math.min(asked.rounds, 10);
  await time(program, 'bbs-2023 issue', issue, rounds);
  await time(program, 'bbs-2023 derive', derive, rounds);
  await time(program, 'bbs-2023 verify', async () => require((await vc.verifyCredential({
    credential: structuredClone(view), documentLoader, now: asked.now,
    suite: new DataIntegrityProof({
      cryptosuite: bbs.createVerifyCryptosuite({expectedPresentationHeader: presentationHeader})
    })
  })).verified), rounds);
}

async function timeCanonical() {
  const dataset = rdfCanonize.NQuads.parse(asked.quads);
  await time('Digital Bazaar (JS)', 'RDFC-1.0', () => rdfCanonize.canonize(dataset, {
    algorithm: 'RDFC-1.0', format: 'application/n-quads', maxWorkFactor: Infinity
  }));
}

for(const count of asked.counts) {
  await timeDigitalBazaar(count);
  await timeMattr(count);
}
if(asked.credential) {
  await timeCredential();
}
if(asked.quads) {
  await timeCanonical();
}
process.stdout.write(JSON.stringify(found));
