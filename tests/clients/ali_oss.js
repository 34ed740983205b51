'use strict';
// Does what users of ali-oss do every day: with both signatures, at an endpoint that is an IP address and at a name.

const assert = require('assert');
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const zlib = require('zlib');
const OSS = require('ali-oss');
const { FOLDER, KEY, PORT, bytes, file, invokedOnce, postForm, refused, run, send, step } = require('./steps');

const REGION = 'oss-cn-hangzhou';
const ENDPOINTS = { address: `http://127.0.0.1:${PORT}`, name: `http://${REGION}.aliyuncs.com:${PORT}` };
const LARGE = bytes(350 * 1024);
const PART = 100 * 1024;
const PICTURE = path.join(FOLDER, 'photo-19.png');

function client(endpoint, v4, bucket) {
  return new OSS({ accessKeyId: KEY, accessKeySecret: KEY, bucket, region: REGION, authorizationV4: v4, endpoint,
    retryMax: 0, timeout: 120000 });
}

for (const [kind, endpoint] of Object.entries(ENDPOINTS)) {
  for (const v4 of [false, true]) {
    const bucket = `ali-${kind}-${v4 ? 'v4' : 'v1'}`;
    const store = client(endpoint, v4, bucket);
    const named = (name, work) => step(`${kind} ${v4 ? 'V4' : 'V1'}: ${name}`, work);
    const photo = () => client(endpoint, v4, 'demo-photos');
    buckets(named, store, bucket);
    objects(named, store, bucket);
    listing(named, store);
    parts(named, store, bucket, photo);
    signed(named, store, bucket, endpoint, v4);
    versions(named, store, bucket);
    settings(named, store, bucket);
  }
}
run();

async function content(store, key, options) {
  return (await store.get(key, options)).content;
}

function buckets(named, store, bucket) {
  named('make a bucket', async () => {
    await store.putBucket(bucket);
    assert.ok((await store.listBuckets()).buckets.some((one) => one.name === bucket));
    const info = await store.getBucketInfo(bucket);
    assert.strictEqual(info.bucket.Name, bucket);
    assert.strictEqual((await store.getBucketLocation(bucket)).location, REGION);
  });
  named('the ACL of a bucket', async () => {
    await store.putBucketACL(bucket, 'public-read');
    assert.strictEqual((await store.getBucketACL(bucket)).acl, 'public-read');
    await store.putBucketACL(bucket, 'private');
    assert.strictEqual((await store.getBucketACL(bucket)).acl, 'private');
  });
  named('an unknown bucket is named as such', async () => {
    const error = await refused(() => store.getBucketInfo('no-such-bucket-here'));
    assert.strictEqual(error.code, 'NoSuchBucket');
  });
}

function objects(named, store, bucket) {
  named('put and get', async () => {
    for (const key of ['a.txt', '照片/狗 1+2.txt', "it's (a) key!*.txt"]) {
      await store.put(key, Buffer.from(`this is ${key}`));
      assert.strictEqual((await content(store, key)).toString(), `this is ${key}`);
    }
  });
  named('put a file and get it into a file', async () => {
    await store.put('file.bin', file('up.bin', LARGE));
    const where = path.join(FOLDER, 'down.bin');
    await store.get('file.bin', where);
    assert.deepStrictEqual(fs.readFileSync(where), LARGE);
  });
  named('put and get a stream', async () => {
    await store.putStream('stream.bin', fs.createReadStream(file('up.bin', LARGE)));
    const { stream } = await store.getStream('stream.bin');
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    assert.deepStrictEqual(Buffer.concat(chunks), LARGE);
  });
  named('get a range', async () => {
    const part = await store.get('file.bin', { headers: { Range: 'bytes=10-19' } });
    assert.strictEqual(part.res.status, 206);
    assert.deepStrictEqual(part.content, LARGE.subarray(10, 20));
  });
  named('head', async () => {
    await store.put('meta.txt', Buffer.from('x'), { mime: 'text/plain', meta: { who: 'me' },
      headers: { 'Cache-Control': 'no-cache' } });
    const head = await store.head('meta.txt');
    assert.deepStrictEqual({ ...head.meta }, { who: 'me' });
    assert.strictEqual(head.res.headers['cache-control'], 'no-cache');
    assert.strictEqual(head.res.headers['content-type'], 'text/plain');
    assert.strictEqual((await store.getObjectMeta('meta.txt')).res.headers['content-length'], '1');
    assert.strictEqual((await refused(() => store.head('nothing'))).code, 'NoSuchKey');
  });
  named('a condition of a read', async () => {
    const etag = (await store.head('meta.txt')).res.headers.etag;
    const same = await store.head('meta.txt', { headers: { 'If-None-Match': etag } });
    assert.strictEqual(same.status, 304);
    const error = await refused(() => store.get('meta.txt', { headers: { 'If-Match': '"other"' } }));
    assert.strictEqual(error.status, 412);
  });
  named('change the metadata', async () => {
    await store.putMeta('meta.txt', { who: 'you' });
    assert.deepStrictEqual({ ...(await store.head('meta.txt')).meta }, { who: 'you' });
    assert.strictEqual((await content(store, 'meta.txt')).toString(), 'x');
  });
  named('tags', async () => {
    await store.putObjectTagging('a.txt', { kind: 'text', owner: 'me' });
    assert.deepStrictEqual({ ...(await store.getObjectTagging('a.txt')).tag }, { kind: 'text', owner: 'me' });
    await store.deleteObjectTagging('a.txt');
    assert.deepStrictEqual({ ...(await store.getObjectTagging('a.txt')).tag }, {});
  });
  named('copy', async () => {
    await store.copy('copy 狗.txt', '照片/狗 1+2.txt');
    assert.strictEqual((await content(store, 'copy 狗.txt')).toString(), 'this is 照片/狗 1+2.txt');
    await store.copy('copy 2.txt', 'a.txt', bucket, { meta: { by: 'copy' } });
    assert.deepStrictEqual({ ...(await store.head('copy 2.txt')).meta }, { by: 'copy' });
  });
  named('append', async () => {
    const first = await store.append('log.txt', Buffer.from('one,'));
    assert.strictEqual(Number(first.nextAppendPosition), 4);
    await store.append('log.txt', Buffer.from('two'), { position: first.nextAppendPosition });
    assert.strictEqual((await content(store, 'log.txt')).toString(), 'one,two');
    const error = await refused(() => store.append('log.txt', Buffer.from('x'), { position: 3 }));
    assert.strictEqual(error.code, 'PositionNotEqualToLength');
  });
  named('symlink', async () => {
    await store.putSymlink('link.txt', '照片/狗 1+2.txt', { meta: { is: 'link' } });
    assert.strictEqual((await store.getSymlink('link.txt')).targetName, '照片/狗 1+2.txt');
    assert.strictEqual((await content(store, 'link.txt')).toString(), 'this is 照片/狗 1+2.txt');
  });
  named('the ACL of an object', async () => {
    assert.strictEqual((await store.getACL('a.txt')).acl, 'default');
    await store.putACL('a.txt', 'public-read');
    assert.strictEqual((await store.getACL('a.txt')).acl, 'public-read');
    const open = await send('GET', `http://${bucket}.${REGION}.aliyuncs.com:${PORT}/a.txt`);
    assert.strictEqual(open.body.toString(), 'this is a.txt');
  });
  named('restore', async () => {
    await store.put('old.txt', Buffer.from('old'), { headers: { 'x-oss-storage-class': 'Archive' } });
    assert.strictEqual((await refused(() => store.get('old.txt'))).code, 'InvalidObjectState');
    assert.strictEqual((await store.restore('old.txt')).res.status, 202);
  });
  named('process an image', async () => {
    await store.put('photo.png', path.join(FOLDER, 'photo.png'));
    const info = JSON.parse(await content(store, 'photo.png', { process: 'image/info' }));
    assert.strictEqual(info.Format.value, 'png');
    const small = await content(store, 'photo.png', { process: 'image/resize,w_50/format,png' });
    assert.strictEqual(small.readUInt32BE(16), 50);
    await store.processObjectSave('photo.png', 'small.png', 'image/resize,w_40/format,png');
    assert.strictEqual((await content(store, 'small.png')).readUInt32BE(16), 40);
  });
  named('delete, and delete many', async () => {
    await store.delete('copy 2.txt');
    assert.strictEqual((await refused(() => store.head('copy 2.txt'))).status, 404);
    await store.put('del/a&b<c>.txt', Buffer.from('1'));
    await store.put('del/狗.txt', Buffer.from('2'));
    const gone = await store.deleteMulti(['del/a&b<c>.txt', 'del/狗.txt', 'del/none']);
    assert.strictEqual(gone.deleted.length, 3);
    assert.deepStrictEqual((await store.list({ prefix: 'del/' })).objects || [], []);
  });
}

function listing(named, store) {
  named('list with prefix, delimiter and pages', async () => {
    for (const key of ['l/1', 'l/2', 'l/3 +', 'l/d/4', 'l/d/5']) await store.put(key, Buffer.from('x'));
    const both = await store.list({ prefix: 'l/', delimiter: '/' });
    assert.deepStrictEqual(both.objects.map((one) => one.name), ['l/1', 'l/2', 'l/3 +']);
    assert.deepStrictEqual(both.prefixes, ['l/d/']);
    const all = [];
    let marker;
    do {
      const page = await store.list({ prefix: 'l/', 'max-keys': 2, ...(marker && { marker }) });
      all.push(...page.objects.map((one) => one.name));
      marker = page.nextMarker;
    } while (marker);
    assert.deepStrictEqual(all, ['l/1', 'l/2', 'l/3 +', 'l/d/4', 'l/d/5']);
  });
  named('list with an empty prefix', async () => {
    assert.ok((await store.list({ prefix: '', 'max-keys': 3 })).objects.length === 3);
  });
  named('list in the second form', async () => {
    const all = [];
    let token;
    do {
      const page = await store.listV2({ prefix: 'l/', 'max-keys': 2, ...(token && { 'continuation-token': token }) });
      all.push(...page.objects.map((one) => one.name));
      token = page.nextContinuationToken;
    } while (token);
    assert.deepStrictEqual(all, ['l/1', 'l/2', 'l/3 +', 'l/d/4', 'l/d/5']);
    const owned = await store.listV2({ 'start-after': 'l/2', 'fetch-owner': 'true', delimiter: '/', prefix: 'l/' });
    assert.deepStrictEqual(owned.objects.map((one) => one.name), ['l/3 +']);
    assert.ok(owned.objects[0].owner.id);
  });
}

function parts(named, store, bucket, photo) {
  named('upload in parts', async () => {
    const seen = [];
    const where = file('parts.bin', LARGE);
    const result = await store.multipartUpload('parts.bin', where, { partSize: PART, parallel: 2, mime: 'image/png',
      meta: { by: 'parts' }, headers: { 'x-oss-tagging': 'kind=parts' }, progress: (done) => seen.push(done) });
    assert.match(result.etag, /-4"$/);
    assert.strictEqual(seen[seen.length - 1], 1);
    assert.deepStrictEqual(await content(store, 'parts.bin'), LARGE);
    const head = await store.head('parts.bin');
    assert.deepStrictEqual([head.meta.by, head.res.headers['content-type']], ['parts', 'image/png']);
    assert.deepStrictEqual({ ...(await store.getObjectTagging('parts.bin')).tag }, { kind: 'parts' });
  });
  named('resume an upload', async () => {
    let checkpoint;
    const where = file('parts.bin', LARGE);
    const error = await refused(() => store.multipartUpload('resumed.bin', where, { partSize: PART, parallel: 1,
      progress: (done, point) => {
        checkpoint = point;
        if (point && point.doneParts.length === 2) store.cancel();
      } }));
    assert.strictEqual(error.name, 'cancel');
    assert.strictEqual(checkpoint.doneParts.length, 2);
    const uploads = await store.listUploads({ 'max-uploads': 10 });
    assert.deepStrictEqual(uploads.uploads.map((one) => one.name), ['resumed.bin']);
    const listed = await store.listParts('resumed.bin', checkpoint.uploadId);
    assert.strictEqual(listed.parts.length, 2);
    await store.multipartUpload('resumed.bin', where, { partSize: PART, checkpoint });
    assert.deepStrictEqual(await content(store, 'resumed.bin'), LARGE);
  });
  named('parts one by one, and abort', async () => {
    const { uploadId } = await store.initMultipartUpload('single.bin');
    const where = file('parts.bin', LARGE);
    const one = await store.uploadPart('single.bin', uploadId, 1, where, 0, PART);
    const two = await store.uploadPartCopy('single.bin', uploadId, 2, '0-1023',
      { sourceKey: 'parts.bin', sourceBucketName: bucket });
    await store.completeMultipartUpload('single.bin', uploadId,
      [{ number: 1, etag: one.etag }, { number: 2, etag: two.res.headers.etag }]);
    assert.deepStrictEqual(await content(store, 'single.bin'),
      Buffer.concat([LARGE.subarray(0, PART), LARGE.subarray(0, 1024)]));
    const other = await store.initMultipartUpload('single.bin');
    await store.abortMultipartUpload('single.bin', other.uploadId);
    assert.strictEqual((await refused(() => store.listParts('single.bin', other.uploadId))).code, 'NoSuchUpload');
  });
  named('copy in parts', async () => {
    await store.multipartUploadCopy('copied.bin', { sourceKey: 'parts.bin', sourceBucketName: bucket },
      { partSize: PART });
    assert.deepStrictEqual(await content(store, 'copied.bin'), LARGE);
  });
  named('a photo of 19 MB in parts is labelled by one invocation', async () => {
    const key = `${bucket}.png`;
    await invokedOnce('aliyun_label', () => photo().multipartUpload(key, PICTURE, { partSize: 1024 * 1024 }));
    assert.strictEqual((await photo().getObjectTagging(key)).tag['label:cat'], 'mammal');
  });
}

function signed(named, store, bucket, endpoint, v4) {
  // A signed URL that is made with an IP address names no bucket, so it goes to the bucket's name.
  const reachable = (url) => url.replace(`://127.0.0.1:${PORT}`, `://${bucket}.${REGION}.aliyuncs.com:${PORT}`);
  named('signed URLs', async () => {
    if (!v4 && endpoint === ENDPOINTS.address) {
      assert.throws(() => store.signatureUrl('a.txt'), /can not get the object URL when endpoint is IP/);
      return;
    }
    const put = v4
      ? await store.signatureUrlV4('PUT', 60, { headers: { 'content-type': 'text/plain' } }, 'signed 狗.txt')
      : store.signatureUrl('signed 狗.txt', { method: 'PUT', 'Content-Type': 'text/plain' });
    const body = Buffer.from('by a signed URL');
    const sent = await send('PUT', reachable(put), { body, headers: { 'Content-Type': 'text/plain' } });
    assert.strictEqual(sent.status, 200, sent.body.toString());
    const get = v4
      ? await store.signatureUrlV4('GET', 60, { queries: { 'response-content-type': 'text/css' } }, 'signed 狗.txt')
      : store.signatureUrl('signed 狗.txt', { expires: 60, response: { 'content-type': 'text/css' } });
    const got = await send('GET', reachable(get));
    assert.deepStrictEqual([got.body.toString(), got.headers['content-type']], ['by a signed URL', 'text/css']);
    const other = await send('GET', reachable(get).replace('signed%20', 'other%20'));
    assert.strictEqual(other.status, 403);
  });
  named('a form of a browser', async () => {
    const now = new Date();
    const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
    const policy = { expiration: new Date(now.getTime() + 60000).toISOString(), conditions: [{ bucket }] };
    const fields = { key: 'form 狗.txt' };
    if (v4) {
      const credential = `${KEY}/${stamp.slice(0, 8)}/cn-hangzhou/oss/aliyun_v4_request`;
      policy.conditions.push({ 'x-oss-signature-version': 'OSS4-HMAC-SHA256' }, { 'x-oss-credential': credential },
        { 'x-oss-date': stamp });
      Object.assign(fields, { policy: Buffer.from(JSON.stringify(policy)).toString('base64'),
        'x-oss-signature-version': 'OSS4-HMAC-SHA256', 'x-oss-credential': credential, 'x-oss-date': stamp,
        'x-oss-signature': store.signPostObjectPolicyV4(policy, now) });
    } else {
      const { OSSAccessKeyId, Signature, policy: encoded } = store.calculatePostSignature(policy);
      Object.assign(fields, { OSSAccessKeyId, policy: encoded, Signature });
    }
    const sent = await postForm(`http://${bucket}.${REGION}.aliyuncs.com:${PORT}/`, fields, Buffer.from('a form'));
    assert.strictEqual(sent.status, 204, sent.body.toString());
    assert.strictEqual((await content(store, 'form 狗.txt')).toString(), 'a form');
  });
}

function versions(named, store, bucket) {
  named('versions', async () => {
    await store.putBucketVersioning(bucket, 'Enabled');
    assert.strictEqual((await store.getBucketVersioning(bucket)).versionStatus, 'Enabled');
    const first = (await store.put('v.txt', Buffer.from('first'))).res.headers['x-oss-version-id'];
    await store.put('v.txt', Buffer.from('second'));
    await store.delete('v.txt');
    const listed = await store.listObjectVersions({ prefix: 'v.txt' });
    assert.deepStrictEqual([listed.objects.length, listed.deleteMarker.length], [2, 1]);
    assert.strictEqual((await content(store, 'v.txt', { versionId: first })).toString(), 'first');
    await store.putObjectTagging('v.txt', { of: 'first' }, { versionId: first });
    assert.deepStrictEqual({ ...(await store.getObjectTagging('v.txt', { versionId: first })).tag }, { of: 'first' });
    const all = [...listed.objects, ...listed.deleteMarker];
    const gone = await store.deleteMulti(all.map((one) => ({ key: one.name, versionId: one.versionId })));
    assert.strictEqual(gone.deleted.length, 3);
    assert.deepStrictEqual((await store.listObjectVersions({ prefix: 'v.txt' })).objects, []);
    await store.putBucketVersioning(bucket, 'Suspended');
  });
}

function settings(named, store, bucket) {
  named('CORS', async () => {
    const rule = { allowedOrigin: '*', allowedMethod: ['GET', 'PUT'], allowedHeader: '*', exposeHeader: 'ETag',
      maxAgeSeconds: '60' };
    await store.putBucketCORS(bucket, [rule]);
    const { rules } = await store.getBucketCORS(bucket);
    assert.deepStrictEqual([rules.length, rules[0].allowedMethod, rules[0].maxAgeSeconds], [1, ['GET', 'PUT'], '60']);
    await store.deleteBucketCORS(bucket);
    assert.strictEqual((await refused(() => store.getBucketCORS(bucket))).code, 'NoSuchCORSConfiguration');
  });
  named('lifecycle', async () => {
    await store.putBucketLifecycle(bucket, [{ id: 'old', prefix: 'old/', status: 'Enabled', expiration: { days: 7 } }]);
    const { rules } = await store.getBucketLifecycle(bucket);
    assert.deepStrictEqual([rules[0].id, rules[0].expiration.days], ['old', '7']);
    await store.deleteBucketLifecycle(bucket);
    assert.strictEqual((await refused(() => store.getBucketLifecycle(bucket))).code, 'NoSuchLifecycle');
  });
  named('website', async () => {
    await store.putBucketWebsite(bucket, { index: 'index.html', error: 'error.html' });
    const site = await store.getBucketWebsite(bucket);
    assert.deepStrictEqual([site.index, site.error], ['index.html', 'error.html']);
    await store.deleteBucketWebsite(bucket);
  });
  named('the tags of a bucket', async () => {
    await store.putBucketTags(bucket, { team: 'photos' });
    assert.deepStrictEqual({ ...(await store.getBucketTags(bucket)).tag }, { team: 'photos' });
    await store.deleteBucketTags(bucket);
  });
  named('policy, referer, logging and who pays', async () => {
    const policy = { Version: '1', Statement: [{ Effect: 'Allow', Action: ['oss:GetObject'], Principal: ['1'],
      Resource: [`acs:oss:*:*:${bucket}/*`] }] };
    await store.putBucketPolicy(bucket, policy);
    assert.deepStrictEqual((await store.getBucketPolicy(bucket)).policy, policy);
    await store.deleteBucketPolicy(bucket);
    await store.putBucketReferer(bucket, true, ['http://a.example']);
    assert.deepStrictEqual((await store.getBucketReferer(bucket)).referers, ['http://a.example']);
    await store.deleteBucketReferer(bucket);
    await store.putBucketLogging(bucket, 'logs/');
    assert.strictEqual((await store.getBucketLogging(bucket)).prefix, 'logs/');
    await store.deleteBucketLogging(bucket);
    await store.putBucketRequestPayment(bucket, 'Requester');
    assert.strictEqual((await store.getBucketRequestPayment(bucket)).payer, 'Requester');
    await store.putBucketRequestPayment(bucket, 'BucketOwner');
  });
  named('encryption by default', async () => {
    await store.putBucketEncryption(bucket, { SSEAlgorithm: 'AES256' });
    assert.strictEqual((await store.getBucketEncryption(bucket)).encryption.SSEAlgorithm, 'AES256');
    await store.put('sealed.txt', Buffer.from('sealed'));
    const { res } = await store.head('sealed.txt');
    assert.strictEqual(res.headers['x-oss-server-side-encryption'], 'AES256');
    await store.deleteBucketEncryption(bucket);
  });
  named('statistics', async () => {
    const { stat } = await store.getBucketStat(bucket);
    assert.ok(Number(stat.ObjectCount) > 10);
  });
  named('delete a bucket', async () => {
    assert.strictEqual((await refused(() => store.deleteBucket(bucket))).code, 'BucketNotEmpty');
    for (;;) {
      const { objects, deleteMarker } = await store.listObjectVersions({ 'max-keys': 100 });
      const all = [...objects, ...deleteMarker];
      if (!all.length) break;
      await store.deleteMulti(all.map((one) => ({ key: one.name, versionId: one.versionId })));
    }
    await store.deleteBucket(bucket);
    assert.strictEqual((await refused(() => store.getBucketInfo(bucket))).code, 'NoSuchBucket');
  });
}
