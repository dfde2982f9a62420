// Digital Bazaar's credential libraries behind a line of JSON in and a line of JSON out.
//
// {"do": "know", "documents": {url: document}}                            contexts, for the document loader
// {"do": "issue", "credential", "suite", "key", "mandatory"}              a credential with a proof, or a base proof
// {"do": "derive", "credential", "suite", "pointers", "header"}           the part that a holder shows
// {"do": "verify", "credential", "suite", "key", "header", "now"}         whether it holds
//
// Answers {"ok": …} or {"refused": "why"}. A key has id, controller and multibase texts. Nothing is ever fetched.

import * as readline from 'node:readline';
import * as bbs from '@digitalbazaar/bbs-2023-cryptosuite';
import * as bls from '@digitalbazaar/bls12-381-multikey';
import * as ecdsa from '@digitalbazaar/ecdsa-multikey';
import * as ecdsaJcs from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import * as ecdsaSd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as ed25519 from '@digitalbazaar/ed25519-multikey';
import * as eddsaJcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as ecdsaRdfc} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {cryptosuite as eddsaRdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';

const MULTIKEY = 'https://w3id.org/security/multikey/v1';
const known = new Map();
const header = hex => new Uint8Array(Buffer.from(hex ?? '', 'hex'));
const signs = suite => ({sign: () => suite, verify: () => suite});

const SUITES = {
  'eddsa-rdfc-2022': {keys: ed25519, ...signs(eddsaRdfc)},
  'ecdsa-rdfc-2019': {keys: ecdsa, ...signs(ecdsaRdfc)},
  'eddsa-jcs-2022': {
    keys: ed25519, sign: eddsaJcs.createSignCryptosuite, verify: eddsaJcs.createVerifyCryptosuite
  },
  'ecdsa-jcs-2019': {
    keys: ecdsa, sign: ecdsaJcs.createSignCryptosuite, verify: ecdsaJcs.createVerifyCryptosuite
  },
  'ecdsa-sd-2023': {
    keys: ecdsa,
    sign: ({mandatory}) => ecdsaSd.createSignCryptosuite({mandatoryPointers: mandatory}),
    derive: ({pointers}) => ecdsaSd.createDiscloseCryptosuite({selectivePointers: pointers}),
    verify: ecdsaSd.createVerifyCryptosuite
  },
  'bbs-2023': {
    keys: {from: key => bls.from(key, {algorithm: bls.ALGORITHMS.BBS_BLS12381_SHA256})},
    sign: ({mandatory}) => bbs.createSignCryptosuite({mandatoryPointers: mandatory}),
    derive: asked => bbs.createDiscloseCryptosuite({
      selectivePointers: asked.pointers, presentationHeader: header(asked.header)
    }),
    verify: asked => bbs.createVerifyCryptosuite({expectedPresentationHeader: header(asked.header)})
  }
};

async function documentLoader(url) {
  if(!known.has(url)) {
    throw new Error(`not known here: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: structuredClone(known.get(url))};
}

function learn({id, controller, publicKeyMultibase}) {
  const method = {'@context': MULTIKEY, id, type: 'Multikey', controller, publicKeyMultibase};
  known.set(id, method);
  known.set(controller, {
    '@context': ['https://www.w3.org/ns/did/v1', MULTIKEY],
    id: controller, verificationMethod: [method], assertionMethod: [id]
  });
}

const ACTIONS = {
  know({documents}) {
    Object.entries(documents).forEach(([url, document]) => known.set(url, document));
    return known.size;
  },

  async issue(asked) {
    const {keys, sign} = SUITES[asked.suite];
    const key = await keys.from({'@context': MULTIKEY, type: 'Multikey', ...asked.key});
    const suite = new DataIntegrityProof({
      signer: key.signer(), date: asked.created, cryptosuite: sign(asked)
    });
    return vc.issue({credential: asked.credential, suite, documentLoader, now: asked.now});
  },

  async derive(asked) {
    const suite = new DataIntegrityProof({cryptosuite: SUITES[asked.suite].derive(asked)});
    return vc.derive({verifiableCredential: asked.credential, suite, documentLoader});
  },

  async verify(asked) {
    learn(asked.key);
    const suite = new DataIntegrityProof({cryptosuite: SUITES[asked.suite].verify(asked)});
    // Status lists are another matter; without an answer the library refuses any credential that names one.
    const checkStatus = async () => ({verified: true});
    const found = await vc.verifyCredential({
      credential: asked.credential, suite, documentLoader, checkStatus, now: asked.now
    });
    if(!found.verified) {
      throw found.error;
    }
    return true;
  }
};

function reason(error) {
  return [error?.message, ...(error?.errors ?? []).map(reason)].filter(Boolean).join(': ') || String(error);
}

for await (const line of readline.createInterface({input: process.stdin, crlfDelay: Infinity})) {
  const asked = JSON.parse(line);
  let answer;
  try {
    answer = {ok: await ACTIONS[asked.do](asked)};
  } catch(error) {
    answer = {refused: reason(error)};
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
