'use strict';
// Does what users of the npm package tablestore do every day.

const assert = require('assert');
const TableStore = require('tablestore');
const { KEY, PORT, refused, run, step } = require('./steps');

const { Long } = TableStore;
const TABLE = 'photos';
const INDEX = 'photos_index';
const EXIST = TableStore.RowExistenceExpectation;
const ROWS = [1, 2, 3, 4, 5];
const client = new TableStore.Client({ accessKeyId: KEY, secretAccessKey: KEY, endpoint: `http://127.0.0.1:${PORT}`,
  instancename: 'clients', maxRetries: 0 });

/** Call a method of the client for the table. */
function call(method, params = {}) {
  return client[method]({ tableName: TABLE, ...params });
}

const key = (id) => [{ album: 'a' }, { id: Long.fromNumber(id) }];
const when = (expected, column = null) => new TableStore.Condition(expected, column);
const values = (row) => Object.fromEntries(row.attributes.map((one) => (
  [one.columnName, typeof one.columnValue === 'object' ? Number(one.columnValue) : one.columnValue])));
const ids = (rows) => rows.map((row) => Number(row.primaryKey[1].value));
const get = async (id, more = {}) => (await call('getRow', { primaryKey: key(id), maxVersions: 1, ...more })).row;

function put(id, columns, condition = when(EXIST.IGNORE)) {
  const attributeColumns = Object.entries(columns).map(([name, value]) => ({ [name]: value }));
  return call('putRow', { primaryKey: key(id), attributeColumns, condition });
}

step('make a table', async () => {
  await client.createTable({
    tableMeta: { tableName: TABLE, primaryKey: [{ name: 'album', type: 'STRING' }, { name: 'id', type: 'INTEGER' }],
      definedColumn: [{ name: 'label', type: TableStore.DefinedColumnType.DCT_STRING }] },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
  });
  assert.deepStrictEqual((await client.listTable({})).tableNames || (await client.listTable({})).table_names, [TABLE]);
});
step('describe and change a table', async () => {
  const told = await call('describeTable');
  const meta = told.tableMeta || told.table_meta;
  assert.strictEqual(meta.tableName || meta.table_name, TABLE);
  await call('updateTable', { tableOptions: { maxVersions: 2, timeToLive: -1 } });
  const options = (await call('describeTable')).tableOptions || (await call('describeTable')).table_options;
  assert.strictEqual(options.maxVersions || options.max_versions, 2);
  await call('updateTable', { tableOptions: { maxVersions: 1, timeToLive: -1 } });
});
step('put and get a row', async () => {
  await put(1, { label: 'cat', n: Long.fromNumber(7), score: 0.5, good: true, raw: Buffer.from([0, 255]), name: '猫' });
  const row = await get(1);
  assert.deepStrictEqual([row.primaryKey[0].value, ids([row])], ['a', [1]]);
  const { raw, ...rest } = Object.fromEntries(row.attributes.map((one) => [one.columnName, one.columnValue]));
  assert.deepStrictEqual({ ...rest, n: rest.n.toNumber() }, { label: 'cat', n: 7, score: 0.5, good: true, name: '猫' });
  assert.deepStrictEqual(Buffer.from(raw), Buffer.from([0, 255]));
  assert.deepStrictEqual(values(await get(1, { columnsToGet: ['label'] })), { label: 'cat' });
  assert.deepStrictEqual((await get(9)).primaryKey || [], []);
});
step('update and delete columns and rows', async () => {
  await call('updateRow', { primaryKey: key(1), condition: when(EXIST.EXPECT_EXIST),
    updateOfAttributeColumns: [{ PUT: [{ label: 'dog' }] }, { DELETE_ALL: ['raw', 'name', 'score', 'good'] },
      { INCREMENT: [{ n: Long.fromNumber(3) }] }] });
  assert.deepStrictEqual(values(await get(1)), { label: 'dog', n: 10 });
  await call('deleteRow', { primaryKey: key(1), condition: when(EXIST.IGNORE) });
  assert.deepStrictEqual((await get(1)).primaryKey || [], []);
});
step('conditions', async () => {
  await put(1, { label: 'cat' }, when(EXIST.EXPECT_NOT_EXIST));
  const twice = await refused(() => put(1, { label: 'dog' }, when(EXIST.EXPECT_NOT_EXIST)));
  assert.match(`${twice.name} ${twice.code} ${twice.message}`, /OTSConditionCheckFail/);
  const cat = new TableStore.SingleColumnCondition('label', 'cat', TableStore.ComparatorType.EQUAL);
  const both = new TableStore.CompositeCondition(TableStore.LogicalOperator.AND);
  both.addSubCondition(cat);
  both.addSubCondition(new TableStore.SingleColumnCondition('n', Long.fromNumber(1), TableStore.ComparatorType.EQUAL, true));
  await put(1, { label: 'dog' }, when(EXIST.EXPECT_EXIST, both));
  assert.deepStrictEqual(values(await get(1)), { label: 'dog' });
  const other = await refused(() => put(1, { label: 'x' }, when(EXIST.EXPECT_EXIST, cat)));
  assert.match(`${other.name} ${other.code} ${other.message}`, /OTSConditionCheckFail/);
});
step('batches', async () => {
  const rows = ROWS.map((id) => ({ type: 'PUT', condition: when(EXIST.IGNORE), primaryKey: key(id),
    attributeColumns: [{ label: id % 2 ? 'cat' : 'dog' }, { n: Long.fromNumber(id) }, { text: `a photo of ${id}` }] }));
  const refusal = { type: 'PUT', condition: when(EXIST.EXPECT_NOT_EXIST), primaryKey: key(1), attributeColumns: [{ n: 1.5 }] };
  const written = await client.batchWriteRow({ tables: [{ tableName: TABLE, rows }] });
  assert.deepStrictEqual(written.tables.map((one) => one.isOk), ROWS.map(() => true));
  const partly = await client.batchWriteRow({ tables: [{ tableName: TABLE, rows: [refusal] }] });
  assert.deepStrictEqual([partly.tables[0].isOk, partly.tables[0].errorCode], [false, 'OTSConditionCheckFail']);
  const read = await client.batchGetRow({ tables: [{ tableName: TABLE, primaryKey: [key(1), key(4), key(9)],
    maxVersions: 1 }] });
  assert.deepStrictEqual(read.tables[0].map((one) => (one.attributes || []).length), [3, 3, 0]);
});
step('ranges', async () => {
  const edges = { inclusiveStartPrimaryKey: [{ album: TableStore.INF_MIN }, { id: TableStore.INF_MIN }],
    exclusiveEndPrimaryKey: [{ album: TableStore.INF_MAX }, { id: TableStore.INF_MAX }], maxVersions: 1 };
  const all = [];
  let start = edges.inclusiveStartPrimaryKey;
  while (start) {
    const page = await call('getRange', { ...edges, inclusiveStartPrimaryKey: start, limit: 2,
      direction: TableStore.Direction.FORWARD });
    all.push(...ids(page.rows));
    start = page.nextStartPrimaryKey && page.nextStartPrimaryKey.map((one) => ({ [one.name]: one.value }));
  }
  assert.deepStrictEqual(all, ROWS);
  const back = await call('getRange', { maxVersions: 1, direction: TableStore.Direction.BACKWARD,
    inclusiveStartPrimaryKey: key(4), exclusiveEndPrimaryKey: key(1) });
  assert.deepStrictEqual(ids(back.rows), [4, 3, 2]);
  const cats = await call('getRange', { ...edges, direction: TableStore.Direction.FORWARD,
    columnFilter: new TableStore.SingleColumnCondition('label', 'cat', TableStore.ComparatorType.EQUAL) });
  assert.deepStrictEqual(ids(cats.rows), [1, 3, 5]);
});
step('make, list and describe a search index', async () => {
  const field = (fieldName, fieldType, more = {}) => (
    { fieldName, fieldType, index: true, enableSortAndAgg: true, store: true, isAnArray: false, ...more });
  await call('createSearchIndex', { indexName: INDEX, schema: { fieldSchemas: [
    field('id', TableStore.FieldType.LONG), field('label', TableStore.FieldType.KEYWORD),
    field('n', TableStore.FieldType.LONG),
    field('text', TableStore.FieldType.TEXT, { enableSortAndAgg: false, analyzer: 'single_word',
      analyzerParameter: { caseSensitive: false, delimitWord: false } })] } });
  const listed = await call('listSearchIndex');
  assert.deepStrictEqual(listed.indices.map((one) => one.indexName), [INDEX]);
  const told = await call('describeSearchIndex', { indexName: INDEX });
  assert.deepStrictEqual(told.schema.fieldSchemas.map((one) => one.fieldName), ['id', 'label', 'n', 'text']);
});
step('search', async () => {
  const { QueryType } = TableStore;
  const query = (queryType, inside) => ({ queryType, query: inside });
  const cases = [
    [query(QueryType.MATCH_ALL_QUERY), ROWS],
    [query(QueryType.TERM_QUERY, { fieldName: 'label', term: 'cat' }), [1, 3, 5]],
    [query(QueryType.TERMS_QUERY, { fieldName: 'label', terms: ['dog', 'x'] }), [2, 4]],
    [query(QueryType.PREFIX_QUERY, { fieldName: 'label', prefix: 'do' }), [2, 4]],
    [query(QueryType.WILDCARD_QUERY, { fieldName: 'label', value: '*at' }), [1, 3, 5]],
    [query(QueryType.EXISTS_QUERY, { fieldName: 'n' }), ROWS],
    [query(QueryType.RANGE_QUERY, { fieldName: 'n', rangeFrom: Long.fromNumber(2), includeLower: true,
      rangeTo: Long.fromNumber(4), includeUpper: false }), [2, 3]],
    [query(QueryType.MATCH_QUERY, { fieldName: 'text', text: 'photo 3', operator: TableStore.QueryOperator.AND }), [3]],
    [query(QueryType.MATCH_PHRASE_QUERY, { fieldName: 'text', text: 'of 2' }), [2]],
    [query(QueryType.BOOL_QUERY, {
      mustQueries: [query(QueryType.TERM_QUERY, { fieldName: 'label', term: 'cat' })],
      mustNotQueries: [query(QueryType.TERM_QUERY, { fieldName: 'n', term: Long.fromNumber(3) })] }), [1, 5]],
  ];
  for (const [asked, expected] of cases) {
    const answer = await search({ offset: 0, limit: 10, query: asked, getTotalCount: true });
    assert.deepStrictEqual(ids(answer.rows), expected, JSON.stringify(asked));
    assert.strictEqual(Number(answer.totalCounts), expected.length);
  }
});
step('search in pages', async () => {
  const all = [];
  let token = null;
  do {
    const page = await search({ limit: 2, query: { queryType: TableStore.QueryType.MATCH_ALL_QUERY }, token,
      ...(!token && { sort: { sorters: [{ fieldSort: { fieldName: 'n', order: TableStore.SortOrder.SORT_ORDER_DESC } }] } }) });
    all.push(...ids(page.rows));
    token = page.nextToken && page.nextToken.length ? page.nextToken : null;
  } while (token);
  assert.deepStrictEqual(all, [5, 4, 3, 2, 1]);
});
step('scan in parallel', async () => {
  const splits = await call('computeSplits', { searchIndexSplitsOptions: { indexName: INDEX } });
  const all = [];
  let token;
  do {
    const page = await call('parallelScan', { indexName: INDEX, sessionId: splits.sessionId,
      columnToGet: { returnType: TableStore.ColumnReturnType.RETURN_ALL_FROM_INDEX },
      scanQuery: { query: { queryType: TableStore.QueryType.MATCH_ALL_QUERY }, limit: 2, aliveTime: 30, token,
        currentParallelId: 0, maxParallel: 1 } });
    all.push(...ids(page.rows));
    token = page.nextToken && page.nextToken.length ? page.nextToken : undefined;
  } while (token);
  assert.deepStrictEqual(all.sort(), ROWS);
});
step('a secondary index', async () => {
  await client.createIndex({ mainTableName: TABLE, includeBaseData: true, indexMeta: { name: 'by_label',
    primaryKey: ['label'], definedColumn: [], indexUpdateMode: TableStore.IndexUpdateMode.IUM_ASYNC_INDEX,
    indexType: TableStore.IndexType.IT_GLOBAL_INDEX } });
  const least = [{ label: 'cat' }, { album: TableStore.INF_MIN }, { id: TableStore.INF_MIN }];
  const most = [{ label: 'cat' }, { album: TableStore.INF_MAX }, { id: TableStore.INF_MAX }];
  const page = await client.getRange({ tableName: 'by_label', direction: TableStore.Direction.FORWARD, maxVersions: 1,
    inclusiveStartPrimaryKey: least, exclusiveEndPrimaryKey: most });
  assert.deepStrictEqual(page.rows.map((row) => Number(row.primaryKey[2].value)), [1, 3, 5]);
  await client.dropIndex({ mainTableName: TABLE, indexName: 'by_label' });
});
step('SQL is refused by its name', async () => {
  const error = await refused(() => client.sqlQuery({ query: 'select * from photos' }));
  assert.match(`${error.name} ${error.code} ${error.message}`, /SQLQuery/);
});
step('delete a search index and a table', async () => {
  await call('deleteSearchIndex', { indexName: INDEX });
  await call('deleteTable');
  const names = await client.listTable({});
  assert.deepStrictEqual(names.tableNames || names.table_names || [], []);
});
run();

function search(searchQuery) {
  const columnToGet = { returnType: TableStore.ColumnReturnType.RETURN_ALL };
  return call('search', { indexName: INDEX, searchQuery, columnToGet });
}
