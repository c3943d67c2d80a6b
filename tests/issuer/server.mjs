// A real OpenID Connect issuer for the tests of the crate `identity`: oidc-provider with JWT access
// tokens by client credentials, one client a person.
//
// usage: node server.mjs [CERTIFICATE KEY]
//
// Without a certificate it speaks plain HTTP. It listens on a free port of 127.0.0.1, prints one JSON
// line with its address, and then answers each JSON line on standard input with one. It ends when
// standard input does.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import readline from 'node:readline';
import { promisify } from 'node:util';

import Provider from 'oidc-provider';

// Standard output is for answers alone.
console.info = console.error;

const [certificate, key] = process.argv.slice(2);
const AUDIENCE = 'https://gateway.example';
const PEOPLE = ['ana', 'bob'];

const generate = promisify(crypto.generateKeyPair);
let generation = 0;
let keys = [];
let app = () => {};
let asked = 0;
let broken = false;

const listener = (request, response) => {
  if (broken) {
    response.writeHead(500).end();
    return;
  }
  if (request.url === '/jwks') asked += 1;
  app(request, response);
};
const server = certificate
  ? https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) }, listener)
  : http.createServer(listener);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = certificate
  ? `https://localhost:${server.address().port}`
  : `http://127.0.0.1:${server.address().port}`;

/** Replaces all keys; what was signed before cannot be verified any more. */
async function rotate() {
  generation += 1;
  const pairs = {
    ES256: await generate('ec', { namedCurve: 'P-256' }),
    RS256: await generate('rsa', { modulusLength: 2048 }),
    EdDSA: await generate('ed25519'),
  };
  keys = Object.entries(pairs).map(([alg, pair]) => ({
    ...pair,
    jwk: {
      ...pair.privateKey.export({ format: 'jwk' }),
      alg,
      use: 'sig',
      kid: `${alg}-${generation}`,
    },
  }));
  const provider = new Provider(issuer, {
    jwks: { keys: keys.map(({ jwk }) => jwk) },
    clients: PEOPLE.map((name) => ({
      client_id: name,
      client_secret: `secret of ${name}`,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // The algorithm of a token is the last part of the resource asked for.
        getResourceServerInfo: (_, resource) => ({
          scope: '',
          audience: resource.startsWith(AUDIENCE) ? AUDIENCE : resource,
          accessTokenTTL: 600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: new URL(resource).pathname.slice(1) } },
        }),
      },
    },
    extraTokenClaims: (_, token) => ({ acr: 'urn:example:two-factors', teams: [token.clientId] }),
  });
  app = provider.callback();
}

/** Asks the token endpoint as any client would. */
async function token({ client, resource }) {
  const body = new URLSearchParams({ grant_type: 'client_credentials', resource }).toString();
  const basic = Buffer.from(
    `${encodeURIComponent(client)}:${encodeURIComponent(`secret of ${client}`)}`,
  ).toString('base64');
  const { request } = certificate ? https : http;
  const answer = await new Promise((resolve, reject) => {
    const asking = request(`${issuer}/token`, {
      method: 'POST',
      // The tests on the other side verify the certificate; this is the issuer asking itself.
      rejectUnauthorized: false,
      headers: {
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
    asking.on('response', async (response) => {
      let text = '';
      for await (const part of response) text += part;
      resolve(JSON.parse(text));
    });
    asking.on('error', reject);
    asking.end(body);
  });
  if (!answer.access_token) throw new Error(JSON.stringify(answer));
  return { token: answer.access_token };
}

const encode = (value) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Makes a token by hand, with a header and claims that no issuer would sign. */
function sign({ header, claims, by }) {
  const message = `${encode(header)}.${encode(claims)}`;
  const pair = keys.find(({ jwk }) => jwk.alg === by);
  if (pair) {
    const options = by === 'ES256' ? { dsaEncoding: 'ieee-p1363' } : {};
    const hash = by === 'EdDSA' ? null : 'sha256';
    const signature = crypto.sign(hash, Buffer.from(message), {
      key: pair.privateKey,
      ...options,
    });
    return { token: `${message}.${signature.toString('base64url')}` };
  }
  const [kind, alg] = by.split(' ');
  if (kind === 'nobody') return { token: `${message}.` };
  if (kind === 'public-key-as-secret') {
    const { publicKey } = keys.find(({ jwk }) => jwk.alg === alg);
    const secret = publicKey.export({ format: 'pem', type: 'spki' });
    const mac = crypto.createHmac('sha256', secret).update(message);
    return { token: `${message}.${mac.digest('base64url')}` };
  }
  throw new Error(`nobody signs by \`${by}\``);
}

/** A token signed by a key of the caller's own, which stands in the header. */
async function embedded({ header, claims }) {
  const { publicKey, privateKey } = await generate('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  const message = `${encode({ ...header, jwk })}.${encode(claims)}`;
  const signature = crypto.sign('sha256', Buffer.from(message), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return { token: `${message}.${signature.toString('base64url')}` };
}

const verbs = {
  rotate: async () => (await rotate(), {}),
  asked: () => ({ asked }),
  break: () => ((broken = true), {}),
  mend: () => ((broken = false), {}),
  token,
  sign,
  embedded,
};

await rotate();
console.log(JSON.stringify({ issuer, audience: AUDIENCE }));
for await (const line of readline.createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let answer;
  try {
    answer = await verbs[question.do](question);
  } catch (error) {
    answer = { error: String(error) };
  }
  console.log(JSON.stringify(answer));
}
process.exit(0);
