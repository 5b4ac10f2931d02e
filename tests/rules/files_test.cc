// Findings about files, YAML, lists, keywords and areas.
#include <doctest/doctest.h>

#include <filesystem>

#include "pack_fixture.h"

namespace fengsui::rules {
namespace {

struct Case {
  const char* name;
  Files files;  // beside kSchema, unless it is among them
  std::vector<std::string> expected;
};

void run(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    Files files = c.files;
    files.try_emplace("schemas/s.yaml", kSchema);
    expect_issues(c.name, load(files).issues, c.expected);
  }
}

TEST_CASE("files of a pack") {
  run({
      {"README, hidden files and others are passed over",
       {{"README.md", "x"}, {".git/a.yaml", "["}, {"LICENSE", "x"}, {"lists/README.md", "x"}},
       {}},
      {".yml is not read", {{"rules/a.yml", "x"}}, {"rules/a.yml:1:1 warning FS007"}},
      {"a reserved folder has one kind of file",
       {{"schemas/x.txt", "x"}, {"lists/deep/a.csv", "a\n"}, {"keywords/a.csv", "x"}},
       {"keywords/a.csv:1:1 warning FS007", "lists/deep/a.csv:1:1 warning FS007",
        "schemas/x.txt:1:1 warning FS007"}},
      {"a list's name must be sayable",
       {{"lists/hazardous-goods.csv", "a\n"}},
       {"lists/hazardous-goods.csv:1:1 warning FS008 no rule can say `lists.hazardous-goods`"}},
      {"not UTF-8", {{"a.yaml", "rules:\n  - 标\xff\n"}}, {"a.yaml:2:6 error FS004"}},
      {"cut in a code point", {{"a.yaml", "rules: \xe6\xa0"}}, {"a.yaml:1:8 error FS004"}},
      {"NUL", {{"a.yaml", std::string("rules: \0[]", 10)}}, {"a.yaml:1:8 error FS005"}},
      {"an escape in a list", {{"lists/a.csv", "k\nx\x1b\n"}}, {"lists/a.csv:2:2 error FS005"}},
      {"an empty rule file", {{"a.yaml", ""}}, {"a.yaml:1:1 error FS006"}},
      {"comments alone", {{"a.yaml", "# nothing\n"}}, {"a.yaml:1:1 error FS006"}},
      {"an empty schema file", {{"schemas/a.yaml", "\n"}}, {"schemas/a.yaml:1:1 error FS006"}},
      {"an empty pack.yaml is all defaults", {{"pack.yaml", ""}}, {}},
      {"a byte-order mark is no character",
       {{"a.yaml", "\xef\xbb\xbfrules: [}"}},
       {"a.yaml:1:9 error FS101"}},
      {"tests are YAML", {{"tests/a.yaml", "tests: [x"}}, {"tests/a.yaml:1:10 error FS101"}},
      {"a file of no defs", {{"defs/a.yaml", "defs: {}\n"}}, {}},
      {"a file of defs that says something else",
       {{"defs/a.yaml", "rules: []\n"}},
       {"defs/a.yaml:1:1 error FS109", "defs/a.yaml:1:1 error FS110"}},
      {"a policy is not built yet",
       {{"policy.yaml", "strict: true\n"}},
       {"policy.yaml:1:1 error FS910 `policy.yaml` is not built yet"}},
      {"reserved names are so at the root alone",
       {{"sub/tests/a.yaml", "x: 1\n"}},
       {"sub/tests/a.yaml:1:1 error FS109", "sub/tests/a.yaml:1:1 error FS110"}},
  });
}

TEST_CASE("folders") {
  expect_issues("no such folder", load_pack("/nonexistent/pack").issues, {".:1:1 error FS001"});
  expect_issues("nothing in it", load({{"README.md", "x"}}).issues,
                {".:1:1 error FS001 no schema"});
  const TempPack pack(Files{{"schemas/s.yaml", kSchema}});
  namespace fs = std::filesystem;
  fs::create_directory_symlink(pack.path(), fs::path(pack.path()) / "loop");
  CHECK(load_pack(pack.path()).rules != nullptr);
  fs::create_symlink("nowhere.yaml", fs::path(pack.path()) / "lost.yaml");
  expect_issues("a link to nothing", load_pack(pack.path()).issues, {"lost.yaml:1:1 error FS002"});
  std::string deep;
  for (int i = 0; i < 20; ++i) deep += "d/";
  expect_issues("folders too deep", load({{deep + "a.yaml", "rules: []\n"}}).issues,
                {"d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d:1:1 error FS003"});
}

TEST_CASE("YAML") {
  const std::string deep = std::string(70, '[') + std::string(70, ']') + "\n";
  run({
      {"not YAML", {{"a.yaml", "rules:\n  - id: a: b\n"}}, {"a.yaml:2:10 error FS101 not YAML"}},
      {"columns are code points",
       {{"a.yaml", "rules:\n  - title: 标题: b\n"}},
       {"a.yaml:2:14 error FS101"}},
      {"anchor and alias",
       {{"a.yaml", "rules: &x []\nother: *x\n"}},
       {"a.yaml:1:8 error FS102", "a.yaml:2:1 error FS109", "a.yaml:2:8 error FS102"}},
      {"alias of nothing", {{"a.yaml", "rules: *x\n"}}, {"a.yaml:1:8 error FS102 an alias"}},
      {"a tag", {{"a.yaml", "rules: !!seq []\n"}}, {"a.yaml:1:8 error FS103"}},
      {"a tag alone", {{"a.yaml", "rules: ! []\n"}}, {"a.yaml:1:8 error FS103"}},
      {"CEL that begins with ! needs quotes",
       pack_with_rule("    when: !ok\n"),
       {"r.yaml:4:11 error FS103", "r.yaml:4:11 error FS108"}},
      {"a key twice",
       {{"a.yaml", "rules: []\nrules: []\n"}},
       {"a.yaml:2:1 error FS104 the key `rules` stands twice"}},
      {"a key twice in flow",
       {{"pack.yaml", "{name: a, version: b, name: c}\n"}},
       {"pack.yaml:1:23 error FS104"}},
      {"a list as key", {{"a.yaml", "rules: []\n? [a]\n: b\n"}}, {"a.yaml:2:3 error FS105"}},
      {"nested too deep", {{"a.yaml", deep}}, {"a.yaml:1:65 error FS106"}},
      {"two documents", {{"a.yaml", "rules: []\n---\nrules: []\n"}}, {"a.yaml:3:1 error FS107"}},
      {"two documents in pack.yaml",
       {{"pack.yaml", "name: a\n---\nname: b\n"}},
       {"pack.yaml:3:1 error FS107"}},
      {"a list in place of a map",
       {{"a.yaml", "- rules\n"}},
       {"a.yaml:1:1 error FS108 a rule file is a list, not a map"}},
      {"text in place of a list", {{"a.yaml", "rules: none\n"}}, {"a.yaml:1:8 error FS108"}},
      {"rules of nothing", {{"a.yaml", "rules:\n"}}, {"a.yaml:1:1 error FS108 `rules` is nothing"}},
      {"a rule that is text", {{"a.yaml", "rules: [r]\n"}}, {"a.yaml:1:9 error FS108"}},
      {"another key",
       {{"a.yaml", "rule: []\n"}},
       {"a.yaml:1:1 error FS109 a rule file has no `rule`",
        "a.yaml:1:1 error FS110 a rule file needs `rules`"}},
      {"pack.yaml's keys", {{"pack.yaml", "nmae: x\n"}}, {"pack.yaml:1:1 error FS109"}},
      {"pack.yaml's timezone",
       {{"pack.yaml", "name: x\ntimezone: Asia/Shangai\n"}},
       {"pack.yaml:2:11 error FS111 `Asia/Shangai` is no name"}},
      {"an offset is no timezone",
       {{"pack.yaml", "timezone: GMT+8\n"}},
       {"pack.yaml:1:11 error FS111"}},
      {"dispatch.yaml lives outside",
       {{"dispatch.yaml", "root: {}\n"}},
       {"dispatch.yaml:1:1 error FS109", "dispatch.yaml:1:1 error FS110"}},
  });
}

TEST_CASE("lists, keywords and areas") {
  run({
      {"lists as they should be",
       {{"lists/a.csv", "\xef\xbb\xbfkey,name\r\n\r\na,\"x, \"\"y\"\"\r\nz\"\r\n   \nb,\n"}},
       {}},
      {"without a last line break", {{"lists/a.csv", "key\na\nb"}}, {}},
      {"no header", {{"lists/a.csv", "\n \n"}}, {"lists/a.csv:1:1 error FS006"}},
      {"a quote in a bare field",
       {{"lists/a.csv", "key\na\"b\n"}},
       {"lists/a.csv:2:2 error FS201"}},
      {"text behind a quote", {{"lists/a.csv", "key\n\"a\"b\n"}}, {"lists/a.csv:2:4 error FS201"}},
      {"a quote without end", {{"lists/a.csv", "key,n\na,\"b\n"}}, {"lists/a.csv:2:3 error FS201"}},
      {"ragged rows",
       {{"lists/a.csv", "key,n\na\n标,b,c\nd,e\n"}},
       {"lists/a.csv:2:1 error FS202 a row of 1 fields under a header of 2",
        "lists/a.csv:3:1 error FS202"}},
      {"a key twice, lines in quotes counted",
       {{"lists/a.csv", "key,n\na,\"x\ny\"\nb,x\na,y\n"}},
       {"lists/a.csv:5:1 error FS203 the key `a` is given twice"}},
      {"a column twice, one without a name",
       {{"lists/a.csv", "key,n,n,\n"}},
       {"lists/a.csv:1:7 error FS204", "lists/a.csv:1:9 error FS204"}},
      {"no keyword",
       {{"keywords/a.txt", "# none\n\n   # nor here\n"}},
       {"keywords/a.txt:1:1 warning FS205"}},
      {"areas as they should be",
       {{"areas.csv", "code,name,parent,kind,lat,lon\n1,甲,,city,36.1,103.8\n2,乙,1,grid,,\n"}},
       {}},
      {"other columns", {{"areas.csv", "code,name,parent\n1,x,\n"}}, {"areas.csv:1:1 error FS204"}},
      {"unknown parent",
       {{"areas.csv", "code,name,parent,kind,lat,lon\n1,x,9,city,,\n"}},
       {"areas.csv:2:5 error FS206"}},
      {"a cycle",
       {{"areas.csv",
         "code,name,parent,kind,lat,lon\n1,x,2,c,,\n2,y,3,c,,\n3,z,2,c,,\n4,u,1,c,,\n"}},
       {"areas.csv:2:5 error FS207 the area `2` lies within itself"}},
      {"its own parent",
       {{"areas.csv", "code,name,parent,kind,lat,lon\n1,x,1,c,,\n"}},
       {"areas.csv:2:5 error FS207"}},
      {"coordinates swapped",
       {{"areas.csv", "code,name,parent,kind,lat,lon\n1,x,,c,103.8,36.1\n"}},
       {"areas.csv:2:8 error FS208"}},
      {"no coordinate",
       {{"areas.csv", "code,name,parent,kind,lat,lon\n1,x,,c,1,nan\n"}},
       {"areas.csv:2:10 error FS208"}},
      {"an area twice",
       {{"areas.csv", "code,name,parent,kind,lat,lon\n1,x,,c,,\n1,y,,c,,\n"}},
       {"areas.csv:3:1 error FS203"}},
  });
}

Files schema(const std::string& properties) {
  return {{"schemas/a.yaml", "event: a.b\nproperties:\n" + properties}};
}

TEST_CASE("schemas: words and types") {
  run({
      {"all words",
       schema("  s: { type: string, title: t, enum: [yes, 'no'], maxLength: 3, pattern: \"^.$\", "
              "format: date-time }\n"
              "  n: { type: number, enum: [1, 2.5], minimum: -1e3, maximum: 5 }\n"
              "  i: { type: integer, enum: [1.0, 2], minimum: 1 }\n"
              "  b: { type: boolean, enum: [true] }\n"
              "  l: { type: array, items: { type: object, required: [x], properties: { x: { type: "
              "integer } } } }\n"
              "  o: { type: object }\n"
              "  p: { type: string, x-identity: true }\n"
              "  q: { type: string, x-area: true }\n"
              "  r: { type: number, x-protected: true }\n"),
       {}},
      {"several documents", {{"schemas/a.yaml", "event: a\n---\nevent: b\n---\n"}}, {}},
      {"no event", {{"schemas/a.yaml", "title: x\n"}}, {"schemas/a.yaml:1:1 error FS110"}},
      {"unknown word at the top",
       {{"schemas/a.yaml", "event: a\ndescription: x\n"}},
       {"schemas/a.yaml:2:1 error FS301"}},
      {"unknown word",
       schema("  s: { type: string, maxlength: 3 }\n"),
       {"schemas/a.yaml:3:22 error FS301 the property `s` has no `maxlength`"}},
      {"no type", schema("  s: {}\n"), {"schemas/a.yaml:3:6 error FS302"}},
      {"a property without schema", schema("  s:\n"), {"schemas/a.yaml:3:3 error FS108"}},
      {"unknown type",
       schema("  s: { type: strin }\n"),
       {"schemas/a.yaml:3:14 error FS302 `strin` is no type"}},
      {"two types",
       schema("  s: { type: [string, number] }\n"),
       {"schemas/a.yaml:3:14 error FS302"}},
      {"data is an object",
       {{"schemas/a.yaml", "event: a\ntype: array\n"}},
       {"schemas/a.yaml:2:7 error FS302"}},
      {"a word of another type",
       schema("  s: { type: string, minimum: 1 }\n"),
       {"schemas/a.yaml:3:22 error FS303"}},
      {"an area is a string",
       schema("  s: { type: integer, x-area: true }\n"),
       {"schemas/a.yaml:3:23 error FS303"}},
  });
}

TEST_CASE("schemas: limits, names and extensions") {
  run({
      {"minimum above maximum",
       schema("  n: { type: number, maximum: 1, minimum: 2 }\n"),
       {"schemas/a.yaml:3:43 error FS304"}},
      {"limits that are no numbers",
       schema("  n: { type: number, maximum: a }\n  s: { type: string, maxLength: -1 }\n"
              "  t: { type: string, maxLength: 1.5 }\n"),
       {"schemas/a.yaml:3:31 error FS304", "schemas/a.yaml:4:33 error FS304",
        "schemas/a.yaml:5:33 error FS304"}},
      {"enum of other types",
       schema("  s: { type: string, enum: [1, true, x] }\n  n: { type: number, enum: ['1'] }\n"
              "  i: { type: integer, enum: [1.5] }\n  b: { type: boolean, enum: [yes] }\n"),
       {"schemas/a.yaml:3:29 error FS305", "schemas/a.yaml:3:32 error FS305",
        "schemas/a.yaml:4:29 error FS305", "schemas/a.yaml:5:30 error FS305",
        "schemas/a.yaml:6:30 error FS305"}},
      {"enum of nothing, and twice",
       schema("  s: { type: string, enum: [] }\n  n: { type: number, enum: [1, 1.0] }\n"),
       {"schemas/a.yaml:3:28 error FS305", "schemas/a.yaml:4:32 error FS305"}},
      {"a pattern that RE2 does not take",
       schema("  s: { type: string, pattern: \"a(?=b)\" }\n"),
       {"schemas/a.yaml:3:31 error FS306"}},
      {"a type twice",
       {{"schemas/a.yaml", "event: t.parcel\n"}},
       {"schemas/s.yaml:1:8 error FS307 `t.parcel` has two schemas"}},
      {"alert is the engine's own",
       {{"schemas/a.yaml", "event: alert\n"}},
       {"schemas/a.yaml:1:8 error FS308"}},
      {"required but no property",
       {{"schemas/a.yaml", "event: a\nrequired: [x, y, x]\nproperties: { x: { type: string } }\n"}},
       {"schemas/a.yaml:2:15 error FS309", "schemas/a.yaml:2:18 error FS309"}},
      {"x-words misused",
       schema("  s: { type: string, x-area: yes }\n  t: { type: string, x-identity: maybe }\n"
              "  u: { type: string, x-identity: { purposes: [] } }\n"
              "  v: { type: string, x-identity: { purposes: [a, a] } }\n"
              "  w: { type: string, x-identity: true, x-protected: true }\n"
              "  l: { type: array, items: { type: string, x-identity: true } }\n"),
       {"schemas/a.yaml:3:30 error FS310", "schemas/a.yaml:4:34 error FS310",
        "schemas/a.yaml:5:46 error FS310", "schemas/a.yaml:6:50 error FS310",
        "schemas/a.yaml:7:6 error FS310", "schemas/a.yaml:8:28 error FS310"}},
      {"two areas",
       schema("  s: { type: string, x-area: true }\n"
              "  o: { type: object, properties: { t: { type: string, x-area: true } } }\n"),
       {"schemas/a.yaml:1:8 error FS311"}},
      {"another format",
       schema("  s: { type: string, format: email }\n"),
       {"schemas/a.yaml:3:30 error FS312"}},
      {"a property's name",
       schema("  a.b: { type: string }\n"),
       {"schemas/a.yaml:3:3 error FS313"}},
  });
}

TEST_CASE("a pack in memory is the pack of its folder") {
  Files files = pack_with_rule("    when: ok\n");
  files["lists/goods.csv"] = "code,kind\na,b\n";
  files["README.md"] = "no part of a pack";
  const TempPack folder(files);
  Findings findings;
  PackBytes bytes = read_pack_bytes(folder.path(), findings);
  CHECK(findings.take().empty());
  CHECK(bytes.size() == 3);
  const LoadedPack in_memory = load_pack(bytes);
  const LoadedPack on_disk = load_pack(folder.path());
  CHECK(lines(in_memory.issues) == lines(on_disk.issues));
  REQUIRE(in_memory.rules);
  CHECK(in_memory.rules->hash == on_disk.rules->hash);

  // Files of one path or another are what they would be in a folder.
  bytes["r.yaml"] = rule_file("    when: okk\n");
  expect_issues("changed", load_pack(bytes).issues, {"r.yaml:4:11 error FS502 unknown name `okk`"});
  expect_issues("empty", load_pack(PackBytes{}).issues, {".:1:1 error FS001"});
  expect_issues("bytes", load_pack(PackBytes{{"a.yaml", "\xff"}}).issues,
                {"a.yaml:1:1 error FS004"});
}

}  // namespace
}  // namespace fengsui::rules
