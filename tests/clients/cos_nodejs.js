'use strict';
// Does what users of cos-nodejs-sdk-v5 do every day.

const assert = require('assert');
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const COS = require('cos-nodejs-sdk-v5');
const { FOLDER, KEY, PORT, bytes, file, invokedOnce, postForm, refused, run, send, step } = require('./steps');

const MB = 1024 * 1024;
const REGION = 'ap-guangzhou';
const BUCKET = 'js-1250000000';
const HOST = `${BUCKET}.cos.${REGION}.myqcloud.com:${PORT}`;
const SOURCE = HOST.split(':')[0]; // The client refuses a port in the address of a copy's source.
const LARGE = bytes(3 * MB + 500);
const cos = client();

function client() {
  return new COS({ SecretId: KEY, SecretKey: KEY, Protocol: 'http:', ConfCwd: FOLDER, ChunkRetryTimes: 0,
    Domain: `{Bucket}.cos.{Region}.myqcloud.com:${PORT}`, ServiceDomain: `service.cos.myqcloud.com:${PORT}` });
}

/** Call a method of the client for an object, or for the bucket if there is no key. */
function call(method, key, more = {}) {
  return cos[method]({ Bucket: BUCKET, Region: REGION, ...(key !== undefined && { Key: key }), ...more });
}

const put = (key, text, more = {}) => call('putObject', key, { Body: Buffer.from(text), ...more });
const content = async (key, more = {}) => (await call('getObject', key, more)).Body;
const tags = (set) => Object.fromEntries(set.map((tag) => [tag.Key, tag.Value]));

step('make a bucket', async () => {
  await call('putBucket');
  assert.ok((await cos.getService()).Buckets.some((one) => one.Name === BUCKET));
  assert.strictEqual((await call('headBucket')).statusCode, 200);
  const error = await refused(() => cos.headBucket({ Bucket: 'none-1250000000', Region: REGION }));
  assert.strictEqual(error.statusCode, 404);
});
step('the ACL of a bucket', async () => {
  await call('putBucketAcl', undefined, { ACL: 'public-read' });
  assert.strictEqual((await call('getBucketAcl')).ACL, 'public-read');
  await call('putBucketAcl', undefined, { ACL: 'private' });
  assert.strictEqual((await call('getBucketAcl')).ACL, 'private');
});
step('put and get', async () => {
  for (const key of ['a.txt', '照片/狗 1+2.txt', "it's (a) key!*.txt"]) {
    await put(key, `this is ${key}`);
    assert.strictEqual((await content(key)).toString(), `this is ${key}`);
  }
});
step('put a file and get it into a file', async () => {
  const where = path.join(FOLDER, 'down.bin');
  await call('putObject', 'file.bin', { Body: fs.createReadStream(file('up.bin', LARGE)), ContentLength: LARGE.length });
  await call('getObject', 'file.bin', { Output: where });
  assert.deepStrictEqual(fs.readFileSync(where), LARGE);
});
step('download in parts', async () => {
  const where = path.join(FOLDER, 'down-parts.bin');
  await call('downloadFile', 'file.bin', { FilePath: where, ChunkSize: MB, ParallelLimit: 2 });
  assert.deepStrictEqual(fs.readFileSync(where), LARGE);
});
step('get a range', async () => {
  const part = await call('getObject', 'file.bin', { Range: 'bytes=10-19' });
  assert.deepStrictEqual([part.statusCode, part.Body], [206, LARGE.subarray(10, 20)]);
});
step('head', async () => {
  await put('meta.txt', 'x', { ContentType: 'text/plain', CacheControl: 'no-cache', Headers: { 'x-cos-meta-who': 'me' } });
  const head = await call('headObject', 'meta.txt');
  assert.deepStrictEqual([head.headers['x-cos-meta-who'], head.headers['content-type'], head.headers['cache-control']],
    ['me', 'text/plain', 'no-cache']);
  assert.strictEqual((await refused(() => call('headObject', 'nothing'))).statusCode, 404);
});
step('a condition of a read', async () => {
  const etag = (await call('headObject', 'meta.txt')).ETag;
  assert.strictEqual((await refused(() => call('headObject', 'meta.txt', { IfNoneMatch: etag }))).statusCode, 304);
  assert.strictEqual((await refused(() => call('getObject', 'meta.txt', { IfMatch: '"other"' }))).statusCode, 412);
});
step('tags', async () => {
  await call('putObjectTagging', 'a.txt', { Tags: [{ Key: 'kind', Value: '文本' }, { Key: 'owner', Value: 'me' }] });
  assert.deepStrictEqual(tags((await call('getObjectTagging', 'a.txt')).Tags), { kind: '文本', owner: 'me' });
  await call('deleteObjectTagging', 'a.txt');
  assert.deepStrictEqual((await call('getObjectTagging', 'a.txt')).Tags, []);
  await put('tagged.txt', 'x', { Headers: { 'x-cos-tagging': 'a=b%20c' } });
  assert.deepStrictEqual(tags((await call('getObjectTagging', 'tagged.txt')).Tags), { a: 'b c' });
});
step('copy, and change the metadata', async () => {
  const source = (key) => `${SOURCE}/${encodeURIComponent(key)}`;
  await call('putObjectCopy', 'copy 狗.txt', { CopySource: source('照片/狗 1+2.txt') });
  assert.strictEqual((await content('copy 狗.txt')).toString(), 'this is 照片/狗 1+2.txt');
  await call('putObjectCopy', 'meta.txt', { CopySource: source('meta.txt'), MetadataDirective: 'Replaced',
    Headers: { 'x-cos-meta-who': 'you' } });
  assert.strictEqual((await call('headObject', 'meta.txt')).headers['x-cos-meta-who'], 'you');
});
step('append', async () => {
  await call('appendObject', 'log.txt', { Body: Buffer.from('one,'), Position: 0 });
  const next = (await call('headObject', 'log.txt')).headers['x-cos-next-append-position'];
  await call('appendObject', 'log.txt', { Body: Buffer.from('two'), Position: Number(next || 4) });
  assert.strictEqual((await content('log.txt')).toString(), 'one,two');
  assert.strictEqual((await refused(() => call('appendObject', 'log.txt', { Body: 'x', Position: 3 }))).statusCode, 409);
});
step('the ACL of an object', async () => {
  await call('putObjectAcl', 'a.txt', { ACL: 'public-read' });
  assert.strictEqual((await call('getObjectAcl', 'a.txt')).ACL, 'public-read');
  assert.strictEqual((await send('GET', `http://${HOST}/a.txt`)).body.toString(), 'this is a.txt');
  await call('putObjectAcl', 'a.txt', { ACL: 'private' });
  assert.strictEqual((await send('GET', `http://${HOST}/a.txt`)).status, 403);
});
step('restore', async () => {
  await put('old.txt', 'old', { StorageClass: 'ARCHIVE' });
  assert.strictEqual((await refused(() => content('old.txt'))).code, 'InvalidObjectState');
  const answer = await call('restoreObject', 'old.txt', {
    RestoreRequest: { Days: 1, CASJobParameters: { Tier: 'Expedited' } } });
  assert.strictEqual(answer.statusCode, 202);
});
step('process an image', async () => {
  await call('putObject', 'photo.png', { Body: fs.readFileSync(path.join(FOLDER, 'photo.png')) });
  const small = await content('photo.png', { QueryString: 'imageMogr2/thumbnail/50x/format/png' });
  assert.strictEqual(small.readUInt32BE(16), 50);
  const info = JSON.parse(await content('photo.png', { QueryString: 'imageInfo' }));
  assert.strictEqual(info.format, 'png');
});
step('list with prefix, delimiter and pages', async () => {
  for (const key of ['l/1', 'l/2', 'l/3 +', 'l/d/4', 'l/d/5']) await put(key, 'x');
  const both = await call('getBucket', undefined, { Prefix: 'l/', Delimiter: '/' });
  assert.deepStrictEqual(both.Contents.map((one) => one.Key), ['l/1', 'l/2', 'l/3 +']);
  assert.deepStrictEqual(both.CommonPrefixes.map((one) => one.Prefix), ['l/d/']);
  const all = [];
  let marker = '';
  do {
    const page = await call('getBucket', undefined, { Prefix: 'l/', MaxKeys: 2, Marker: marker, EncodingType: 'url' });
    all.push(...page.Contents.map((one) => decodeURIComponent(one.Key)));
    marker = page.IsTruncated === 'true' ? decodeURIComponent(page.NextMarker) : '';
  } while (marker);
  assert.deepStrictEqual(all, ['l/1', 'l/2', 'l/3 +', 'l/d/4', 'l/d/5']);
});
step('upload in parts', async () => {
  const seen = [];
  const result = await call('sliceUploadFile', 'parts.bin', { FilePath: file('parts.bin', LARGE), ChunkSize: MB,
    Headers: { 'x-cos-meta-by': 'parts', 'x-cos-tagging': 'kind=parts' }, onProgress: (info) => seen.push(info.percent) });
  assert.match(result.ETag, /-4"$/);
  assert.strictEqual(seen[seen.length - 1], 1);
  assert.deepStrictEqual(await content('parts.bin'), LARGE);
  assert.strictEqual((await call('headObject', 'parts.bin')).headers['x-cos-meta-by'], 'parts');
  assert.deepStrictEqual(tags((await call('getObjectTagging', 'parts.bin')).Tags), { kind: 'parts' });
});
step('resume an upload', async () => {
  const where = file('resumed.bin', LARGE);
  const begun = await call('multipartInit', 'resumed.bin');
  for (const number of [1, 2]) {
    await call('multipartUpload', 'resumed.bin', { UploadId: begun.UploadId, PartNumber: number,
      Body: LARGE.subarray((number - 1) * MB, number * MB) });
  }
  const uploads = await call('multipartList', undefined, { Prefix: 'resumed' });
  assert.deepStrictEqual(uploads.Upload.map((one) => [one.Key, one.UploadId]), [['resumed.bin', begun.UploadId]]);
  const listed = await call('multipartListPart', 'resumed.bin', { UploadId: begun.UploadId });
  assert.deepStrictEqual(listed.Part.map((one) => one.PartNumber), ['1', '2']);
  const before = (await unfinished()).length;
  await call('sliceUploadFile', 'resumed.bin', { FilePath: where, ChunkSize: MB });
  assert.deepStrictEqual(await content('resumed.bin'), LARGE);
  assert.deepStrictEqual([before, (await unfinished()).length], [1, 0]);
});
step('parts one by one, and abort', async () => {
  const { UploadId } = await call('multipartInit', 'single.bin');
  const one = await call('multipartUpload', 'single.bin', { UploadId, PartNumber: 1, Body: LARGE.subarray(0, MB) });
  const two = await call('uploadPartCopy', 'single.bin', { UploadId, PartNumber: 2, CopySource: `${SOURCE}/parts.bin`,
    CopySourceRange: 'bytes=0-1023' });
  await call('multipartComplete', 'single.bin', { UploadId,
    Parts: [{ PartNumber: 1, ETag: one.ETag }, { PartNumber: 2, ETag: two.ETag }] });
  assert.deepStrictEqual(await content('single.bin'), Buffer.concat([LARGE.subarray(0, MB), LARGE.subarray(0, 1024)]));
  const other = await call('multipartInit', 'single.bin');
  await call('multipartAbort', 'single.bin', { UploadId: other.UploadId });
  const error = await refused(() => call('multipartListPart', 'single.bin', { UploadId: other.UploadId }));
  assert.strictEqual(error.code, 'NoSuchUpload');
});
step('copy in parts', async () => {
  await call('sliceCopyFile', 'copied.bin', { CopySource: `${SOURCE}/parts.bin`, CopySliceSize: MB, CopyChunkSize: MB });
  assert.deepStrictEqual(await content('copied.bin'), LARGE);
});
step('upload many files', async () => {
  const files = ['many/1', 'many/2'].map((key) => (
    { Bucket: BUCKET, Region: REGION, Key: key, FilePath: file(key.replace('/', '-'), LARGE) }));
  const result = await cos.uploadFiles({ files, SliceSize: MB });
  assert.deepStrictEqual(result.files.map((one) => one.error), [null, null]);
  assert.deepStrictEqual(await content('many/2'), LARGE);
});
step('a photo of 30 MB in parts is labelled by one invocation', async () => {
  const photo = { Bucket: 'demo-photos-1250000000', Region: REGION, Key: 'js.png' };
  const upload = { ...photo, FilePath: path.join(FOLDER, 'photo-30.png') };
  await invokedOnce('tencent_label', () => cos.sliceUploadFile(upload));
  assert.strictEqual(tags((await cos.getObjectTagging(photo)).Tags)['label:cat'], 'mammal');
});
step('signed URLs', async () => {
  const put = cos.getObjectUrl({ Bucket: BUCKET, Region: REGION, Key: 'signed 狗.txt', Method: 'PUT', Sign: true });
  assert.strictEqual((await send('PUT', put, { body: Buffer.from('by a signed URL') })).status, 200);
  const get = cos.getObjectUrl({ Bucket: BUCKET, Region: REGION, Key: 'signed 狗.txt', Sign: true, Expires: 60,
    Query: { 'response-content-type': 'text/css' } });
  const got = await send('GET', get);
  assert.deepStrictEqual([got.body.toString(), got.headers['content-type']], ['by a signed URL', 'text/css']);
  assert.strictEqual((await send('GET', get.replace('signed%20', 'other%20'))).status, 403);
});
step('a form of a browser', async () => {
  const now = Math.floor(Date.now() / 1000);
  const time = `${now};${now + 60}`;
  const policy = JSON.stringify({ expiration: new Date((now + 60) * 1000).toISOString(), conditions: [
    { bucket: BUCKET }, { 'q-sign-algorithm': 'sha1' }, { 'q-ak': KEY }, { 'q-sign-time': time }] });
  const sha1 = (text) => crypto.createHash('sha1').update(text).digest('hex');
  const hmac = (key, text) => crypto.createHmac('sha1', key).update(text).digest('hex');
  const fields = { key: 'form 狗.txt', policy: Buffer.from(policy).toString('base64'), 'q-sign-algorithm': 'sha1',
    'q-ak': KEY, 'q-key-time': time, 'q-signature': hmac(hmac(KEY, time), sha1(policy)) };
  const sent = await postForm(`http://${HOST}/`, fields, Buffer.from('a form'));
  assert.strictEqual(sent.status, 204, sent.body.toString());
  assert.strictEqual((await content('form 狗.txt')).toString(), 'a form');
});
step('versions', async () => {
  await call('putBucketVersioning', undefined, { VersioningConfiguration: { Status: 'Enabled' } });
  assert.strictEqual((await call('getBucketVersioning')).VersioningConfiguration.Status, 'Enabled');
  const first = (await put('v.txt', 'first')).headers['x-cos-version-id'];
  await put('v.txt', 'second');
  await call('deleteObject', 'v.txt');
  const listed = await call('listObjectVersions', undefined, { Prefix: 'v.txt' });
  assert.deepStrictEqual([listed.Versions.length, listed.DeleteMarkers.length], [2, 1]);
  assert.strictEqual((await content('v.txt', { VersionId: first })).toString(), 'first');
  const gone = await call('deleteMultipleObject', undefined, {
    Objects: [...listed.Versions, ...listed.DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId })) });
  assert.strictEqual(gone.Deleted.length, 3);
  await call('putBucketVersioning', undefined, { VersioningConfiguration: { Status: 'Suspended' } });
});
step('CORS', async () => {
  await call('putBucketCors', undefined, { CORSRules: [{ AllowedOrigin: ['*'], AllowedMethod: ['GET', 'PUT'],
    AllowedHeader: ['*'], ExposeHeader: ['ETag'], MaxAgeSeconds: '60' }] });
  const { CORSRules } = await call('getBucketCors');
  assert.deepStrictEqual([CORSRules[0].AllowedMethods, CORSRules[0].MaxAgeSeconds], [['GET', 'PUT'], '60']);
  await call('deleteBucketCors');
  assert.deepStrictEqual((await call('getBucketCors')).CORSRules, []);
});
step('lifecycle', async () => {
  await call('putBucketLifecycle', undefined, { Rules: [{ ID: 'old', Status: 'Enabled', Filter: { Prefix: 'old/' },
    Expiration: { Days: '7' } }] });
  const { Rules } = await call('getBucketLifecycle');
  assert.deepStrictEqual([Rules[0].ID, Rules[0].Expiration.Days], ['old', '7']);
  await call('deleteBucketLifecycle');
  assert.deepStrictEqual((await call('getBucketLifecycle')).Rules, []);
});
step('website', async () => {
  await call('putBucketWebsite', undefined, { WebsiteConfiguration: { IndexDocument: { Suffix: 'index.html' } } });
  const site = (await call('getBucketWebsite')).WebsiteConfiguration;
  assert.strictEqual(site.IndexDocument.Suffix, 'index.html');
  await call('deleteBucketWebsite');
});
step('the tags of a bucket', async () => {
  await call('putBucketTagging', undefined, { Tags: [{ Key: 'team', Value: 'photos' }] });
  assert.deepStrictEqual(tags((await call('getBucketTagging')).Tags), { team: 'photos' });
  await call('deleteBucketTagging');
});
step('policy, referer, logging and encryption', async () => {
  const policy = { version: '2.0', Statement: [{ Effect: 'Allow', Principal: { qcs: ['qcs::cam::uin/1:uin/1'] },
    Action: ['name/cos:GetObject'], Resource: [`qcs::cos:${REGION}:uid/1250000000:${BUCKET}/*`] }] };
  await call('putBucketPolicy', undefined, { Policy: policy });
  assert.deepStrictEqual((await call('getBucketPolicy')).Policy.Statement[0].Action, policy.Statement[0].Action);
  await call('deleteBucketPolicy');
  await call('putBucketReferer', undefined, { RefererConfiguration: { Status: 'Enabled', RefererType: 'White-List',
    DomainList: { Domains: ['*.example'] }, EmptyReferConfiguration: 'Allow' } });
  assert.strictEqual((await call('getBucketReferer')).RefererConfiguration.RefererType, 'White-List');
  await call('putBucketLogging', undefined, { BucketLoggingStatus: { LoggingEnabled: { TargetBucket: BUCKET,
    TargetPrefix: 'logs/' } } });
  assert.strictEqual((await call('getBucketLogging')).BucketLoggingStatus.LoggingEnabled.TargetPrefix, 'logs/');
});
step('delete, delete many and delete a bucket', async () => {
  assert.strictEqual((await refused(() => call('deleteBucket'))).code, 'BucketNotEmpty');
  for (const key of ['del/a&b<c>.txt', 'del/狗.txt']) await put(key, 'x');
  await call('deleteMultipleObject', undefined, { Objects: [{ Key: 'del/a&b<c>.txt' }, { Key: 'del/狗.txt' }] });
  assert.deepStrictEqual((await call('getBucket', undefined, { Prefix: 'del/' })).Contents, []);
  for (;;) {
    const { Versions, DeleteMarkers } = await call('listObjectVersions');
    const all = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (!all.length) break;
    await call('deleteMultipleObject', undefined, { Objects: all });
  }
  await call('deleteBucket');
  assert.strictEqual((await refused(() => call('headBucket'))).statusCode, 404);
});
run();

/** Return the unfinished uploads. */
async function unfinished() {
  return (await call('multipartList')).Upload;
}
