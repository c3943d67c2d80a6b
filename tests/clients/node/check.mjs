// node-postgres: text and binary, named statements, row modes, cursors, streams, cancel, pipelining by queue.
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'

const [host, port, database, user, password, tls, purpose] = process.argv.slice(2)
const here = path.dirname(fileURLToPath(import.meta.url))
const answers = {}
const messages = []

function statements() {
  const found = []
  for (const line of fs.readFileSync(path.join(here, '../statements.txt'), 'utf8').split('\n')) {
    if (!line || line.startsWith('#')) continue
    const at = line.indexOf(': ')
    const [key, value] = [line.slice(0, at), line.slice(at + 2)]
    if (key === 'name') found.push({ name: value, parameters: [] })
    else if (key === 'sql') found.at(-1).sql = value
    else found.at(-1).parameters.push(value === 'null' ? null : value)
  }
  return found
}

const settings = {
  host,
  port: Number(port),
  database,
  user,
  password,
  ssl: {
    ca: fs.readFileSync(`${tls}/ca.crt`),
    cert: fs.readFileSync(`${tls}/client.crt`),
    key: fs.readFileSync(`${tls}/client.key`)
  }
}

async function connect(more = {}) {
  const client = new pg.Client({ ...settings, ...more })
  client.on('notice', (notice) => messages.push(`${notice.message} ${notice.detail} ${notice.hint}`))
  client.on('error', (error) => messages.push(String(error)))
  await client.connect()
  if (purpose) await client.query(`set cordon.purpose = '${purpose}'`)
  return client
}

function failure(error) {
  messages.push([error.message, error.detail, error.hint, error.where, error.internalQuery].join(' '))
  return { sqlstate: error.code ?? null, message: error.code ? undefined : error.message }
}

function shaped(result) {
  const columns = result.fields?.map((f) => [f.name, f.dataTypeID, f.dataTypeSize, f.dataTypeModifier, f.format])
  return { columns, rows: result.rows, command: result.command, count: result.rowCount }
}

async function keep(name, work) {
  try {
    answers[name] = await work()
  } catch (error) {
    answers[name] = failure(error)
  }
}

const client = await connect()
for (const { name, sql, parameters } of statements()) {
  const base = { text: sql, values: parameters, rowMode: 'array' }
  await keep(`parameters: ${name}`, async () => shaped(await client.query(base)))
  await keep(`binary: ${name}`, async () => shaped(await client.query({ ...base, binary: true })))
  await keep(`named: ${name}`, async () => shaped(await client.query({ ...base, name })))
  await keep(`named again: ${name}`, async () => shaped(await client.query({ ...base, name })))
  await keep(`objects: ${name}`, async () => shaped(await client.query({ text: sql, values: parameters })))
  await keep(`cursor: ${name}`, async () => {
    const cursor = client.query(new Cursor(sql, parameters, { rowMode: 'array' }))
    try {
      const found = [await cursor.read(3), await cursor.read(1)]
      for (;;) {
        const rows = await cursor.read(50)
        if (rows.length === 0) break
        found.push(...rows)
      }
      return found
    } finally {
      await cursor.close()
    }
  })
  await keep(`stream: ${name}`, async () => {
    const found = []
    const stream = client.query(new QueryStream(sql, parameters, { batchSize: 13, rowMode: 'array' }))
    for await (const row of stream) found.push(row)
    return found
  })
}

await keep('several statements', async () => {
  const results = await client.query('select 1; select count(*) from customer; select country from customer order by 1 limit 2')
  return results.map(shaped)
})

await keep('cursor closed early', async () => {
  const cursor = client.query(new Cursor('select country from customer order by country, customer_id'))
  const rows = await cursor.read(2)
  await cursor.close()
  return [rows, (await client.query('select count(*) from genre')).rows]
})

await keep('many at once on one client', async () => {
  const found = await Promise.allSettled(
    Array.from({ length: 50 }, (_, i) =>
      i % 10 === 9
        ? client.query('select 1 / 0')
        : client.query('select country, count(*) from customer where support_rep_id = $1 group by 1 order by 1', [3 + (i % 3)])
    )
  )
  return found.map((one) => (one.status === 'fulfilled' ? one.value.rows : failure(one.reason)))
})

await keep('transaction', async () => {
  const found = []
  await client.query('begin')
  found.push((await client.query('select count(*) from customer')).rows)
  await client.query('select 1 / 0').catch((error) => found.push(failure(error)))
  await client.query('select 1').catch((error) => found.push(failure(error)))
  found.push((await client.query('rollback')).command)
  found.push((await client.query('select 2 as two')).rows)
  return found
})

await keep('what I saw leads back', async () => {
  const found = []
  const keys = (await client.query("select customer_id from customer where country = 'Canada' order by 1")).rows
  for (const { customer_id: key } of keys) {
    const query = 'select invoice_id, total from invoice where customer_id = $1 order by 1'
    found.push((await client.query(query, [key])).rows)
    found.push((await client.query({ name: 'by key', text: query, values: [key] })).rows)
  }
  const all = keys.map((row) => row.customer_id)
  found.push((await client.query('select count(*) from invoice where customer_id = any($1)', [all])).rows)
  return found
})

await keep('typed parameters', async () => {
  const query = 'select $1::int[], $2::jsonb, $3::bytea, $4::bool, $5::timestamptz'
  const values = [[1, null, 3], { a: 1 }, Buffer.from([0, 255]), true, new Date(Date.UTC(2024, 1, 29))]
  return (await client.query({ text: query, values, rowMode: 'array' })).rows
})

await keep('a pool', async () => {
  const pool = new pg.Pool({ ...settings, max: 5 })
  const found = await Promise.all(Array.from({ length: 40 }, () => pool.query('select count(*) from customer')))
  await pool.end()
  return found.map((one) => one.rows)
})

await keep('cancel', async () => {
  const other = await connect()
  const query = other
    .query('select count(*) from track a, track b, track c where a.name < b.name and b.name < c.name')
    .then(() => 'it ended', failure)
  // The server knows the statement by then; only a server that has begun one can cancel it.
  await new Promise((done) => setTimeout(done, 1000))
  // The driver's own cancel speaks plain text on the same port, which both servers take.
  const cancel = new pg.Client({ ...settings, ssl: false })
  await new Promise((done) => {
    cancel.connection.on('end', done)
    cancel.connection.on('error', done)
    cancel.connection.on('connect', () => cancel.connection.cancel(other.processID, other.secretKey))
    cancel.connection.connect(Number(port), host)
  })
  const found = await query
  const after = (await other.query('select 5 as five')).rows
  await other.end()
  return [found, after]
})

await keep('statement timeout', async () => {
  const other = await connect({ statement_timeout: 500 })
  // Where the setting is not applied, the statement would run for hours.
  const last = setTimeout(() => other.connection.stream.destroy(new Error('no timeout after 5 s')), 5000)
  try {
    await other.query('select count(*) from track a, track b, track c where a.name < b.name and b.name < c.name')
  } finally {
    clearTimeout(last)
    await other.end().catch(() => {})
  }
})

await keep('wrong password', async () => {
  await connect({ password: 'wrong' })
})
await keep('without TLS', async () => {
  const other = new pg.Client({ ...settings, ssl: false })
  try {
    await other.connect()
  } catch (error) {
    messages.push(error.message)
    return { refused: true }
  }
})
await client.end()
process.stdout.write(JSON.stringify({ answers, messages }))
