-- An index of layout 1, as the version that wrote such made it; application_id and user_version are not in a dump.
BEGIN TRANSACTION;
CREATE TABLE answers (
    answer_id TEXT PRIMARY KEY, schema INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL CHECK (state IN ('calling', 'ok', 'refused')), owner TEXT NOT NULL, until INTEGER, answer TEXT
);
INSERT INTO "answers" VALUES('kept',1,'ok','t',NULL,'{"reason":null,"message":"","detection":{"labels":[{"id":"dog","name":"Dog","language":"en","level":3,"parent_id":"mammal","confidence":0.93,"centric_score":0.5},{"id":"imm:\u9732\u8425","name":"Imm:\u9732\u8425","language":"en","level":3,"parent_id":null,"confidence":0.71,"centric_score":0.5}],"detector":"oss","model":"2023","raw":"{\"Labels\":[]}","paid":true},"width":640,"height":480}');
INSERT INTO "answers" VALUES('refused',1,'refused','t',NULL,'{"reason":"detector_refused","message":"the picture is upside down","detection":null,"width":null,"height":null}');
INSERT INTO "answers" VALUES('calling',1,'calling','t',1700000030125,NULL);
CREATE TABLE budgets (
    detector TEXT PRIMARY KEY, schema INTEGER NOT NULL DEFAULT 1,
    calls_all INTEGER NOT NULL DEFAULT 0, held TEXT, held_until INTEGER
);
INSERT INTO "budgets" VALUES('oss',1,1,'forbidden',1700000600125);
CREATE TABLE events (
    image TEXT NOT NULL, event_id TEXT NOT NULL, schema INTEGER NOT NULL DEFAULT 1,
    at INTEGER NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (image, event_id)
);
INSERT INTO "events" VALUES('06b0e5ce37d9d496fdb34acee36579e9','event-1',1,1700000000125,'{"event_id":"event-1","state":"labelled","reason":null,"at":1700000000125,"paid_calls":1,"tags_before":{"user":"1"},"tags_after":{"user":"1","label:dog":"mammal"},"notes":["tag_taken"]}');
INSERT INTO "events" VALUES('06b0e5ce37d9d496fdb34acee36579e9','event-2',1,1700000000125,'{"event_id":"event-2","state":"labelled","reason":null,"at":1700000000125,"paid_calls":1,"tags_before":{"user":"1"},"tags_after":{"user":"1","label:dog":"mammal"},"notes":["tag_taken"]}');
INSERT INTO "events" VALUES('b6b6bc0eb0d108c2231a459188bc327c','event-3',1,1700000000125,'{"event_id":"event-3","state":"labelled","reason":null,"at":1700000000125,"paid_calls":1,"tags_before":{"user":"1"},"tags_after":{"user":"1","label:dog":"mammal"},"notes":["tag_taken"]}');
INSERT INTO "events" VALUES('d32909d7ff178edb21b12a2012c202f2','event-4',1,1700000000125,'{"event_id":"event-4","state":"labelled","reason":null,"at":1700000000125,"paid_calls":1,"tags_before":{"user":"1"},"tags_after":{"user":"1","label:dog":"mammal"},"notes":["tag_taken"]}');
INSERT INTO "events" VALUES('3dcd24f400ac421173b6bdccf349fe46','event-5',1,1700000000125,'{"event_id":"event-5","state":"labelled","reason":null,"at":1700000000125,"paid_calls":1,"tags_before":{"user":"1"},"tags_after":{"user":"1","label:dog":"mammal"},"notes":["tag_taken"]}');
INSERT INTO "events" VALUES('5ed791ca952428f10044ffaf90c1158c','event-8',1,1700000000125,'{"event_id":"event-8","state":"labelled","reason":null,"at":1700000000125,"paid_calls":1,"tags_before":{"user":"1"},"tags_after":{"user":"1","label:dog":"mammal"},"notes":["tag_taken"]}');
INSERT INTO "events" VALUES('5ed791ca952428f10044ffaf90c1158c','removal',1,1700000000125,'{"event_id":"removal","state":"removed","reason":null,"at":1700000000125,"paid_calls":1,"tags_before":{"user":"1"},"tags_after":{"user":"1","label:dog":"mammal"},"notes":["tag_taken"]}');
INSERT INTO "events" VALUES('fb25be92d88dbb17b5dfae244b92f585','event-9',1,1700000000125,'{"event_id":"event-9","state":"labelled","reason":null,"at":1700000000125,"paid_calls":1,"tags_before":{"user":"1"},"tags_after":{"user":"1","label:dog":"mammal"},"notes":["tag_taken"]}');
CREATE TABLE images (
    id INTEGER PRIMARY KEY, pk TEXT NOT NULL UNIQUE, schema INTEGER NOT NULL DEFAULT 1,
    uri BLOB NOT NULL, store TEXT NOT NULL, bucket TEXT NOT NULL, key BLOB NOT NULL, version TEXT,
    state TEXT, reason TEXT, waiting TEXT, updated_at INTEGER, confidence REAL, record TEXT,
    lock TEXT, lock_until INTEGER, lock_event TEXT
);
INSERT INTO "images" VALUES(1,'06b0e5ce37d9d496fdb34acee36579e9',1,X'6F73733A2F2F616C62756D2FE99CB2E890A52F6875736B792E6A7067','oss','album',X'E99CB2E890A52F6875736B792E6A7067','v7','labelled',NULL,NULL,1700000001125,0.8,'{"state":"labelled","reason":null,"head":{"etag":"5D41402ABC4B2A76B9719D911017C592","size":4096,"crc64":"17906320234890243213","last_modified":1700000000,"version":"v7","content_type":"image/jpeg","archived":false,"symlink":false},"content":"c0ffee","setting":"oss/2023","policy":"0123456789abcdef","detector":"oss","model":"2023","labels":[{"id":"siberian-husky","name":"Siberian husky","language":"en","level":3,"parent_id":"dog","confidence":0.8,"centric_score":0.5},{"id":"imm:\u9732\u8425","name":"\u9732\u8425","language":"en","level":3,"parent_id":null,"confidence":0.71,"centric_score":0.5}],"ancestors":{"siberian-husky":["dog","mammal"]},"notes":["tag_taken","tags_left_out"],"tags_written":{"label:dog":"mammal"},"tags_left_out":["beach"],"width":640,"height":480,"taken_at":"2023-07-01T12:00:00","updated_at":1700000001125}',NULL,NULL,NULL);
INSERT INTO "images" VALUES(2,'b6b6bc0eb0d108c2231a459188bc327c',1,X'636F733A2F2F70686F746F732D313235303030303030302F6120622532422E6A7067','cos','photos-1250000000',X'6120622532422E6A7067',NULL,'labelled',NULL,NULL,1700000001000,0.95,'{"state":"labelled","reason":null,"head":{"etag":"5D41402ABC4B2A76B9719D911017C592","size":4096,"crc64":"17906320234890243213","last_modified":1700000000,"version":"v7","content_type":"image/jpeg","archived":false,"symlink":false},"content":"c0ffee","setting":"oss/2023","policy":"0123456789abcdef","detector":"oss","model":"2023","labels":[{"id":"dog","name":"Dogs","language":"en","level":2,"parent_id":"mammal","confidence":0.93,"centric_score":0.5},{"id":"mammal","name":"Mammals","language":"en","level":1,"parent_id":null,"confidence":0.95,"centric_score":0.5}],"ancestors":{"dog":["mammal"]},"notes":["tag_taken","tags_left_out"],"tags_written":{"label:dog":"mammal"},"tags_left_out":["beach"],"width":640,"height":480,"taken_at":"2023-07-01T12:00:00","updated_at":1700000001000}',NULL,NULL,NULL);
INSERT INTO "images" VALUES(3,'d32909d7ff178edb21b12a2012c202f2',1,X'66696C653A2F2F616C62756D2F6E6F742D756E69636F64652DEDB3BF2E6A7067','file','album',X'6E6F742D756E69636F64652DEDB3BF2E6A7067',NULL,'labelled',NULL,NULL,1700000002000,0.0,'{"state":"labelled","reason":null,"head":{"etag":"5D41402ABC4B2A76B9719D911017C592","size":4096,"crc64":"17906320234890243213","last_modified":1700000000,"version":"v7","content_type":"image/jpeg","archived":false,"symlink":false},"content":"c0ffee","setting":"oss/2023","policy":"0123456789abcdef","detector":"oss","model":"2023","labels":[],"ancestors":{},"notes":["tag_taken","tags_left_out"],"tags_written":{"label:dog":"mammal"},"tags_left_out":["beach"],"width":640,"height":480,"taken_at":"2023-07-01T12:00:00","updated_at":1700000002000}',NULL,NULL,NULL);
INSERT INTO "images" VALUES(4,'3dcd24f400ac421173b6bdccf349fe46',1,X'6F73733A2F2F616C62756D2F746F726E2E6A7067','oss','album',X'746F726E2E6A7067',NULL,'skipped','corrupt',NULL,1700000003000,0.0,'{"state":"skipped","reason":"corrupt","head":{"etag":"5D41402ABC4B2A76B9719D911017C592","size":4096,"crc64":"17906320234890243213","last_modified":1700000000,"version":"v7","content_type":"image/jpeg","archived":false,"symlink":false},"content":"c0ffee","setting":"oss/2023","policy":"0123456789abcdef","detector":"oss","model":"2023","labels":[],"ancestors":{},"notes":["tag_taken","tags_left_out"],"tags_written":{"label:dog":"mammal"},"tags_left_out":["beach"],"width":640,"height":480,"taken_at":"2023-07-01T12:00:00","updated_at":1700000003000}',NULL,NULL,NULL);
INSERT INTO "images" VALUES(5,'c65ebdfc2d44325b938f225c6e24b32e',1,X'6F73733A2F2F616C62756D2F77616974732E6A7067','oss','album',X'77616974732E6A7067',NULL,'waiting','throttled','throttled',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "images" VALUES(6,'5ae0e850b5d2681709a7c0b935e07f9e',1,X'6F73733A2F2F616C62756D2F6C6F636B65642E6A7067','oss','album',X'6C6F636B65642E6A7067',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'t7',1700000030125,'event-7');
INSERT INTO "images" VALUES(7,'fb25be92d88dbb17b5dfae244b92f585',1,X'6F73733A2F2F616C62756D2F616761696E2E6A7067','oss','album',X'616761696E2E6A7067',NULL,'labelled',NULL,NULL,1700000004000,0.9,'{"state":"labelled","reason":null,"head":{"etag":"5D41402ABC4B2A76B9719D911017C592","size":4096,"crc64":"17906320234890243213","last_modified":1700000000,"version":"v7","content_type":"image/jpeg","archived":false,"symlink":false},"content":"c0ffee","setting":"oss/2023","policy":"0123456789abcdef","detector":"oss","model":"2023","labels":[{"id":"kite","name":"Kite","language":"en","level":3,"parent_id":"toy","confidence":0.9,"centric_score":0.5}],"ancestors":{"kite":["toy"]},"notes":["tag_taken","tags_left_out"],"tags_written":{"label:dog":"mammal"},"tags_left_out":["beach"],"width":640,"height":480,"taken_at":"2023-07-01T12:00:00","updated_at":1700000004000}','t10',1700000030125,'event-10');
CREATE TABLE labels (
    label TEXT NOT NULL, confidence REAL NOT NULL, image INTEGER NOT NULL, PRIMARY KEY (label, confidence, image)
) WITHOUT ROWID;
INSERT INTO "labels" VALUES('dog',0.8,1);
INSERT INTO "labels" VALUES('imm:露营',0.71,1);
INSERT INTO "labels" VALUES('mammal',0.8,1);
INSERT INTO "labels" VALUES('siberian-husky',0.8,1);
INSERT INTO "labels" VALUES('dog',0.93,2);
INSERT INTO "labels" VALUES('mammal',0.95,2);
INSERT INTO "labels" VALUES('kite',0.9,7);
INSERT INTO "labels" VALUES('toy',0.9,7);
CREATE INDEX images_newest ON images (updated_at DESC, uri) WHERE state = 'labelled';
CREATE INDEX images_confidence ON images (confidence DESC, uri) WHERE state = 'labelled';
CREATE INDEX images_uri ON images (uri) WHERE state = 'labelled';
CREATE INDEX labels_image ON labels (image, label);
COMMIT;
PRAGMA application_id = 1768710498;
PRAGMA user_version = 1;
