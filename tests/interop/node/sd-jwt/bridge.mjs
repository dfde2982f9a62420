// The SD-JWT VC library of the OpenWallet Foundation behind a line of JSON in and a line of JSON out.
//
// {"do": "issue", "claims", "frame", "key", "alg", "hash", "header"}      a credential; frame says what may be hidden
// {"do": "present", "token", "frame", "binding", "key", "alg", "hash"}    fewer disclosures, and a key binding JWT
// {"do": "verify", "token", "key", "alg", "nonce", "now"}                 what it says, and what its key binding says
//
// Answers {"ok": …} or {"refused": "why"}. Keys are JWKs. Nothing is ever fetched.

import * as crypto from 'node:crypto';
import * as readline from 'node:readline';
import {digest, generateSalt} from '@sd-jwt/crypto-nodejs';
import {SDJwtVcInstance} from '@sd-jwt/sd-jwt-vc';

const HASHES = {ES256: 'sha256', ES384: 'sha384', EdDSA: null};

function signer(jwk, alg) {
  const key = {key: crypto.createPrivateKey({key: jwk, format: 'jwk'}), dsaEncoding: 'ieee-p1363'};
  return data => crypto.sign(HASHES[alg], Buffer.from(data), key).toString('base64url');
}

function verifier(jwk, alg) {
  const key = {key: crypto.createPublicKey({key: jwk, format: 'jwk'}), dsaEncoding: 'ieee-p1363'};
  return (data, signature) =>
    crypto.verify(HASHES[alg], Buffer.from(data), key, Buffer.from(signature, 'base64url'));
}

const algorithmOf = jwk => ({'P-256': 'ES256', 'P-384': 'ES384', Ed25519: 'EdDSA'})[jwk.crv];
const tools = hash => ({hasher: digest, hashAlg: hash ?? 'sha-256', saltGenerator: generateSalt});

const ACTIONS = {
  issue: ({claims, frame, key, alg, hash, header}) =>
    new SDJwtVcInstance({...tools(hash), signer: signer(key, alg), signAlg: alg}).issue(claims, frame, {header}),

  present: ({token, frame, binding, key, alg, hash}) =>
    new SDJwtVcInstance({...tools(hash), ...(key && {kbSigner: signer(key, alg), kbSignAlg: alg})}).present(
      token, frame, binding && {kb: {payload: binding}}),

  verify: async ({token, key, alg, nonce, now}) => {
    const instance = new SDJwtVcInstance({
      ...tools(),
      verifier: verifier(key, alg),
      kbVerifier: (data, signature, payload) =>
        verifier(payload.cnf.jwk, algorithmOf(payload.cnf.jwk))(data, signature)
    });
    const found = await instance.verify(token, {currentDate: now, ...(nonce && {keyBindingNonce: nonce})});
    return {payload: found.payload, header: found.header, binding: found.kb?.payload ?? null};
  }
};

for await (const line of readline.createInterface({input: process.stdin, crlfDelay: Infinity})) {
  const asked = JSON.parse(line);
  let answer;
  try {
    answer = {ok: await ACTIONS[asked.do](asked)};
  } catch(error) {
    answer = {refused: String(error?.message ?? error)};
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
