// One page a code: what, why, an example, what to do. `fengsui rules check --explain CODE` prints
// it.
#include <iterator>

#include "rules/codes.h"
#include "rules/issue.h"

namespace fengsui::rules {
namespace {

struct Page {
  std::string_view code;
  const char* text;
};

constexpr Page kPages[] = {
    {code::kFolder,
     "The folder is no pack: it cannot be read, or it has neither a schema nor a rule file. A "
     "pack is a folder with schemas/*.yaml for its event types and rule files (*.yaml) "
     "anywhere else. Check the path that was given; an empty folder is refused so that a "
     "mistyped path is not taken for a pack without rules."},
    {code::kUnreadable,
     "A file or folder of the pack cannot be read: the rights are missing, a link leads "
     "nowhere, or it is a device or a pipe. A pack is loaded whole or not at all, so one "
     "unreadable file refuses it. Example: rules/old.yaml is a link to a file that was "
     "removed. Mend the link or the rights."},
    {code::kTooLarge,
     "The pack is beyond a limit: 10,000 files, 64 MiB a file, 512 MiB in all, folders 16 "
     "deep. The limits keep a wrong path (the root of a disk, say) from filling the memory. "
     "Give the folder of the pack itself, and split lists that are larger."},
    {code::kEncoding,
     "A file is not UTF-8. Every file of a pack is, so that names and texts mean the same on "
     "every machine. Example: a keyword file saved as GB 18030. Save it as UTF-8, with or "
     "without a byte-order mark; the place is that of the first wrong byte."},
    {code::kControlCharacter,
     "A file holds a control character, such as NUL, beside tab and line break. YAML and CSV "
     "have no place for one, and it is invisible in an editor. Delete it at the place given."},
    {code::kEmptyFile,
     "A file that must say something is empty: a rule file without rules, a schema file "
     "without a schema, a list without a header row. Mostly a file was cut short when it was "
     "copied. Fill it or remove it."},
    {code::kStrayFile,
     "Warning. A file looks like a part of the pack but is not read: rules.yml, or "
     "lists/more/a.csv. A rule in it would be missing without anyone noticing. Files end in "
     ".yaml, lists in .csv, keywords in .txt, and those of the reserved folders stand directly "
     "in them."},
    {code::kUnusableName,
     "Warning. Rules name a list or keyword file as lists.NAME or keywords.NAME, and the "
     "file's name is not one that an expression can say. Example: lists/hazardous-goods.csv "
     "would be read as a subtraction. Rename it to hazardous_goods.csv."},

    {code::kYamlSyntax,
     "The file is not YAML at this place; what stands before it has been read. Often text "
     "needs quotes: `when: a ? b : c` has `: ` in it, and [ ] { } , end a text in flow style. "
     "Example: { when: \"x in ['a', 'b']\" }."},
    {code::kAnchor,
     "YAML anchors (&name) and aliases (*name) are not allowed in a pack: a rule must be "
     "readable where it stands, and its review must show all of it. Write the value out. A "
     "text that begins with & or * needs quotes."},
    {code::kTag,
     "YAML tags (!name) are not allowed in a pack. Mostly none was meant: `when: !verified` is "
     "read as a tag with nothing behind it. Put CEL that begins with ! in quotes: when: "
     "\"!verified\"."},
    {code::kDuplicateKey,
     "A key stands twice in one map. YAML readers differ in which one they take, so neither "
     "is. Example: two `when:` in one rule. Remove one; conditions are joined with &&."},
    {code::kComplexKey,
     "A key is a list, a map or nothing, where a name must stand. Example: `? [a, b]`, or "
     "`{a}: b`, which is a map as a key. Write a plain name, or quote it."},
    {code::kTooDeep,
     "Lists and maps are nested deeper than 64 levels. No pack needs that, and the limit keeps "
     "a made-up file from exhausting the stack. Name nested fields by path instead."},
    {code::kDocuments,
     "A file holds a second YAML document (behind `---`). Only schema files may hold several, "
     "one schema each. Put the rules under one `rules:` or in a file of their own."},
    {code::kWrongKind,
     "Text, a list or a map stands where another of them must. Example: `when: [a, b]` is a "
     "list, and `labels: postal` is text. Where CEL has brackets or braces of its own, put it "
     "in quotes."},
    {code::kUnknownKey,
     "A key that the language does not have. It is refused, not passed over, because a "
     "mistyped key would change what the rule means: `wen:` in place of `when:` would count "
     "every event. See the table in the rule language's description; the hint names the "
     "nearest known key."},
    {code::kMissingKey,
     "A key that must be there is missing. A rule needs id, from, grade and purpose; a purpose "
     "needs use, basis and retain; a schema needs event; a rule file needs rules."},
    {code::kUnknownTimezone,
     "`timezone` in pack.yaml is not a name of the tz database. Tumbling windows are counted "
     "from 1970-01-01 00:00 in it. Example: Asia/Shanghai, not CST, Beijing or UTC+8."},

    {code::kCsvSyntax,
     "The file is not CSV as RFC 4180 has it: a quote inside a field without quotes, text "
     "behind a closing quote, or a quoted field without an end. Example: a \"b\" c is written "
     "\"a \"\"b\"\" c\"."},
    {code::kCsvRagged,
     "A row has more or fewer fields than the header. Mostly a comma inside a field is not "
     "quoted, so that every attribute behind it would move. Put such a field in double quotes."},
    {code::kCsvKeyTwice,
     "A key (the first column) is given twice, so that the list would have two answers. The "
     "hint says where it was first. Remove one of the rows."},
    {code::kCsvHeader,
     "The header row is wrong: a column without a name, a name given twice, or, in areas.csv, "
     "other columns than code,name,parent,kind,lat,lon. Rules read attributes by these names."},
    {code::kNoKeywords,
     "Warning. A keyword file has no keyword: only blank lines and comments. text.mentions() "
     "of it is never true. One keyword a line; lines that begin with # are comments."},
    {code::kUnknownParent,
     "An area's parent is not itself in areas.csv, so that inArea() would lose everything "
     "above it. Add the parent's row, or leave the field empty where the area is a root."},
    {code::kAreaCycle,
     "An area lies, by its parents, within itself. Example: A's parent is B and B's parent is "
     "A. Mend the parent of one of them."},
    {code::kAreaPlace,
     "A latitude or longitude in areas.csv is not a number of degrees within -90..90 or "
     "-180..180. Mostly the two columns are swapped. The field may be empty."},

    {code::kUnknownWord,
     "A schema uses a word that is not among those understood: type, properties, required, "
     "enum, minimum, maximum, maxLength, pattern, format, items, title, x-identity, x-area, "
     "x-protected. It is refused because a check that is written but not made is worse than "
     "none."},
    {code::kFieldType,
     "A property's type is missing or none of string, number, integer, boolean, array, object. "
     "Each has exactly one, as expressions are checked against it. A field without a value is "
     "left out of the event, so there is no null."},
    {code::kWordOfOtherType,
     "A word stands at a property of a type that it says nothing of. Example: maxLength at an "
     "integer. Change the type or remove the word. x-identity and x-area mark strings."},
    {code::kBadLimit,
     "A limit is no number, or the limits leave no value: minimum above maximum, a maxLength "
     "that is negative or not whole. Every event would be refused."},
    {code::kBadEnum,
     "`enum` is empty, names a value twice, or names one that is not of the property's type. "
     "Example: enum: [1, 2] at a string; in quotes, '1' is text. (yes, no, on and off are text "
     "as they are.)"},
    {code::kBadPattern,
     "`pattern` is no regular expression as RE2 reads them. RE2 has no look-around and no back "
     "references, and is linear in the text's length. The message is RE2's own."},
    {code::kTypeTwice,
     "Two schemas name the same event type. The hint says where the other is. A type has one "
     "schema; optional fields are those not in `required`."},
    {code::kReservedType,
     "The event type `alert` is the engine's own: its open and raise records. Name the feed "
     "and what happened, as in courier.parcel."},
    {code::kBadRequired,
     "`required` names what is no property of the same object, or names it twice. Example: "
     "required: [outlet.code] at the top; it belongs in the schema of outlet, as code."},
    {code::kBadExtension,
     "x-identity, x-area or x-protected is used wrongly: x-area and x-protected are true or "
     "left out; x-identity is true or { purposes: [one, …] }, each listed once; a field is at "
     "most one of the three; none stands below an array's items, where rules could not tell "
     "one from another."},
    {code::kAreaTwice,
     "An event type has more than one x-area field. An alert has one area, that of the newest "
     "event: mark the field that says where the event happened."},
    {code::kUnknownFormat,
     "`format` has one value here, date-time (RFC 3339). For others use `pattern`."},
    {code::kPropertyName,
     "A property's name is empty or has . [ or ] in it. Nested fields are named by path "
     "(outlet.code), which such a name would make ambiguous."},

    {code::kRuleId,
     "A rule id has other characters than a-z, 0-9 and -. It stands in alerts, metrics and "
     "file names. Example: courier-hazard-burst."},
    {code::kRuleTwice,
     "Two rules of the pack have the same id; the hint says where the other is. Alerts and "
     "state belong to a rule by its id."},
    {code::kUnknownType,
     "`from` names an event type that no schema of the pack has, so that the rule would never "
     "see an event. The hint names the nearest type; else add its schema to schemas/."},
    {code::kFromTwice,
     "`from` names an event type twice. A rule sees each event once; join the conditions with "
     "||."},
    {code::kGroupCount,
     "The event types of a rule have different numbers of group values. Events of all types "
     "are counted in the same groups, so each names as many, in the same order. Example: from: "
     "{ a: { by: x }, b: { by: y } }."},
    {code::kGroupValue,
     "A value of `by` cannot be one: it is of another type than string, int or bool, is no "
     "field (CEL stands in the map form alone), or is named twice. Example: by: { cell: "
     "\"geohash(lat, lon, 6)\" }."},
    {code::kDuration,
     "Not a duration. One is one or more integers with a unit (ms s m h d), written together: "
     "90s, 1h30m, 30d; 0 alone needs no unit."},
    {code::kWindow,
     "`window` is a map of one kind and its lengths, each above 0: { sliding: 1h } looks back an "
     "hour from each event, { tumbling: 1h } counts by the hour, { hopping: 1h, every: 5m } does "
     "so from each five minutes on, { session: 5m, max: 2h } goes on while events come, { count: "
     "5, within: 1h } looks at the last five. `max` and `within` may be left out."},
    {code::kRetain,
     "`retain`, how long state and evidence may live, is shorter than the window (a session's "
     "max, a sequence's within) that reads them. Lengthen it, if the purpose allows, or shorten "
     "the window."},
    {code::kGrade,
     "`grade` is one of blue, yellow, orange, red, or a map from those to conditions, at least "
     "one."},
    {code::kGradeNever,
     "Warning. A grade can never be given: its condition is false for every event, or a higher "
     "grade always holds. Example: { red: \"true\", blue: n > 1 }. Remove it or mend the "
     "conditions."},
    {code::kChoice,
     "A key takes one of a few words: mode is live, shadow or disabled; emit is event or "
     "close; order is arrival or time."},
    {code::kLabel,
     "Labels are constant strings, for routing. A number or true needs quotes; what varies by "
     "event belongs in `message`. As a warning: rule, grade and area are labels that the "
     "engine adds itself."},
    {code::kLetName,
     "A name in `let` cannot be used in an expression: it is not letters, digits and _, or CEL "
     "or the rule language has taken it (in, data, event, lists, keywords, baseline, …)."},
    {code::kNoPurpose,
     "The rule reads an x-identity field, which names a person, and its purpose has no id. The "
     "field stands for the token of the rule's own purpose, so that persons cannot be joined "
     "across purposes. Add purpose.id, one of those that the field lists."},
    {code::kOtherPurpose,
     "The rule reads an x-identity field whose schema does not list the rule's purpose. The "
     "data were not given for it: there is no token, and the rule must do without the field."},
    {code::kBrace,
     "In a message, { and } hold an expression: \"{parcels} 件\". One without the other is a "
     "slip. A brace itself is {{ or }}."},
    {code::kEmit,
     "`emit` and `window` do not go together. `emit: close` evaluates a tumbling, hopping or "
     "session window once, at its end; other windows have none. A hopping window overlaps itself, "
     "so it is evaluated at its end alone: window: { hopping: 1h, every: 5m }, emit: close."},
    {code::kException,
     "Two exceptions of a rule have the same name. The events that each leaves out are counted "
     "by its name. Rename one, or join them with ||."},
    {code::kExceptionUnowned,
     "Warning. An exception does not say whose it is, why, or until when. One without an end is "
     "mostly forgotten, and hides events from the rule for ever. Example: { name: drill, when: "
     "outlet == 'O1', owner: duty-desk, reason: exercise, until: 2026-12-31 }."},
    {code::kUntil,
     "`until` of an exception is no date (2026-12-31, which counts whole in the pack's timezone) "
     "and no RFC 3339 time (2026-12-31T18:00:00+08:00)."},
    {code::kBaseline,
     "`baseline` cannot be computed: it compares a tumbling window with those of the same length "
     "before it, so `every` is a multiple of the window, `keep` a number of windows above 0, and "
     "`of` names a let that is an aggregate and a number. Example: window: { tumbling: 1h }, let: "
     "{ n: count() }, baseline: { of: n, every: 7d, keep: 8 }."},
    {code::kBaselineRetain,
     "Warning. `retain`, how long state may live, is shorter than the windows that the baseline "
     "looks back on (keep times every, and a window). Lengthen it, if the purpose allows, or keep "
     "fewer."},
    {code::kSeenBy,
     "`seen_by` is wrong: it stands beside `by` and a window, maps a group name of `by` to CEL, "
     "and that gives a list of group values (strings, ints or bools). Example: by: { cell: cell7 "
     "}, seen_by: { cell: neighbours(cell7) }."},
    {code::kOrder,
     "Warning. `order: arrival` stands in a rule that is always `order: time`: a sequence, or a "
     "rule over alerts. Remove it."},
    {code::kAlertsMixed,
     "A rule over alerts (`from: alert`) reads another event type as well. Alerts come after all "
     "other events of the same moment, so the two cannot be counted together: in such a rule "
     "every `from`, of every step, is `alert`."},
    {code::kSequenceKey,
     "A rule with `sequence` has a key that only one with a window has. `sequence` stands in "
     "place of a window, and each of its steps has a from, a by and a when of its own."},
    {code::kSteps,
     "The steps of a sequence are wrong: there are 1 to 32, the first is not absent, no two "
     "absent ones follow each other, an absent one has neither `times` nor `as`, `times` is 1 to "
     "10,000, and `within` is above 0."},
    {code::kStepName,
     "The name of a step (`as`) is given twice, is also the name of a let, or is no name that an "
     "expression can say."},
    {code::kStepNameHides,
     "Warning. The name of a step is also a field of an event type of the rule. In the steps "
     "behind it, in let, grade and message the name stands for the step. Rename the step, or "
     "write data.NAME for the field."},
    {code::kDefName,
     "A def has a name that stands twice in defs/*.yaml, or that no expression can say (letters, "
     "digits and _; not one of the language's words)."},
    {code::kDefCycle,
     "A def is, by the defs in it, made of itself. Example: a: b || x, b: a && y. Write one of "
     "them out."},
    {code::kDefUnused,
     "Warning. No rule uses the def, neither by its name nor by a def that it is in. Mostly it "
     "was mistyped where it should stand, or a field or let of the same name is meant there."},
    {code::kDefTooLarge,
     "With all defs put in, the expression has more than 65,536 parts, or nests deeper than 128. "
     "Defs that use defs many times over grow fast."},

    {code::kSyntax,
     "The expression is not CEL at this place. Mind that text stands in quotes inside an "
     "expression, and that the quotes round it are YAML's: when: \"stage == 'created'\"."},
    {code::kUnknownName,
     "A name that nothing declares: no field of the rule's event types, no list, no keyword "
     "file, no let above. The hint names the nearest. An event's data fields are named as in "
     "its schema, nested ones by path."},
    {code::kTypeMismatch,
     "Types do not fit: text where a condition must be, 'a' < 1, a sum of strings, a field "
     "that two event types of the rule declare differently. Convert with int(), double() or "
     "string(). As a warning: a part of a message that has no text, such as a map, and will be "
     "printed as it stands."},
    {code::kUnknownFunction,
     "A function that the language does not have. The hint names the nearest."},
    {code::kNotHere,
     "Something that the language has stands where it cannot. Aggregates (count, sum, …) stand "
     "alone, as the value of a let: let: { n: count() }, then grade: { red: n > 3 }. "
     "lists.NAME stands right of `in` or is indexed, keywords.NAME is an argument of "
     "mentions() or mentionCount()."},
    {code::kProtected,
     "The expression reads an x-protected field. Such a field must never decide anything; it "
     "is dropped when the event is decoded. Remove it from the rule."},
    {code::kOptionalField,
     "Warning. A field that its schema does not require is read without has(). In events "
     "without it the expression errs: a `when` is then false, a let is left out. Guard it "
     "(has(f) && f > 1), or require it. It is guarded, too, where the rule's `when` demands "
     "has(f) or `by` names it."},
    {code::kBadConstant,
     "A constant cannot be read as what it stands for: a pattern of matches() that is no RE2 "
     "expression, timestamp('yesterday'), duration('1 hour'). Every evaluation would err."},
    {code::kAggregate,
     "An aggregate has too many or too few arguments, or its literal is none. count() takes "
     "nothing or a condition; the others take a value and, if need be, a condition: "
     "sum(weight_kg, verified). percentile(x, 99.9) takes a number from 0 to 100 behind the "
     "value, top(x, 3) an int from 1 to 100, speed(lat, lon, 500) metres."},
    {code::kNoAggregate,
     "An aggregate stands in the `let` of a sequence. Aggregates run over a window, and a "
     "sequence has none: its lets are plain CEL over the named steps. For several events of a "
     "kind a step has `times`."},
    {code::kNoBaseline,
     "baseline.mean, baseline.stddev and baseline.samples are read where there is no baseline: "
     "they belong to let, grade and message of a rule with `baseline`, not to its conditions or "
     "aggregates' arguments."},

    {code::kGradeHidden,
     "Warning. Wherever the grade's condition holds, that of a higher grade holds as well, and "
     "the highest one counts: this one is never given. Mostly the thresholds stand at the wrong "
     "grades. The higher grade needs the harder condition."},
    {code::kContradiction,
     "Warning. The condition, or a part of it that is joined by &&, can never be true: what one "
     "part demands another one rules out. A `when` like that counts no event, an exception "
     "excepts none. Often || was meant, or `in` with a list."},
    {code::kIdlePart,
     "Warning. A part of the condition decides nothing: it is a constant, it is true whatever "
     "the event says, or another part beside it says as much already. Such a part is a slip or "
     "what an earlier change has left behind, and hides what the condition really asks."},
    {code::kNotInEnum,
     "Warning. A field is compared with a value that its schema's `enum` does not have. An event "
     "with another value never comes so far, so the comparison is always false (with !=, always "
     "true). Mostly the value is mistyped: the hint names the nearest one."},
    {code::kBeyondLimits,
     "Warning. A comparison with a value that the other side cannot have: beyond the schema's "
     "minimum, maximum, maxLength or pattern, a count below 0, more than one event where the "
     "rule sees one at a time (no window, or no `by`). It is always true or never."},
    {code::kUnusedList,
     "Warning. No rule reads the list. Mostly a rule that was to ask it is missing or disabled "
     "by a change. Remove the file or use it: a list that looks as if it were in force misleads "
     "who keeps it."},
    {code::kUnusedKeywords,
     "Warning. No rule looks for the words of this keyword file. Remove it or use it, as in "
     "text.mentions(keywords.NAME)."},
    {code::kUnreadSchema,
     "Warning. No rule reads events of this type, which are checked and counted all the same. "
     "Where a rule is to come, let the schema come with it; data that nobody needs should not "
     "be collected."},
    {code::kKeywordContained,
     "Warning. A keyword holds another one of its set. mentions() is true of every text with the "
     "shorter one, so the longer one adds nothing. It is not said of sets that mentionCount() "
     "counts, where each word counts by itself. Remove the longer, or put it into a set of its "
     "own."},
    {code::kKeywordTwice,
     "Warning. Two keywords of a set are one: texts are compared after NFKC and full case "
     "folding, in which full-width and half-width letters, upper and lower case are the same. "
     "Remove one."},
    {code::kListKeyNever,
     "Warning. Rules look up a field in this list whose schema allows no such key: by its enum, "
     "its pattern or its maxLength. The row is never found. Mend the key, or the schema."},
    {code::kExceptionOver,
     "Warning. The time in `until` has come: the exception holds no more, and its events count "
     "again. Remove it, or agree on another date with its owner. (Said by the clock of the "
     "machine on which the pack is checked; events are judged by their own time.)"},
    {code::kMessageGap,
     "Warning. The message prints a let that has no value where no event of the window fulfils "
     "the aggregate's condition; the part is then printed as it stands, with its braces. Ask for "
     "it in the grade, or print something else in its place: {n > 0 ? string(x) : 'none'}."},
    {code::kExceptionAll,
     "Warning. The exception holds for every event that the rule's `when` lets through, and has "
     "no end: the rule is as good as switched off. Narrow the exception, or say mode: disabled."},
    {code::kWindowAlone,
     "Warning. Without `by` every event is a group of its own, and a window is a group's: this "
     "one holds a single event, and count() is 1. Name in `by` what is counted together. For a "
     "count over everything, a field that is the same for all of them will do."},
    {code::kExceptionIdle,
     "Warning. The exception is of no event that counts for the rule: its condition contradicts "
     "the rule's `when`. Remove it, or see which of the two is wrong."},

    {code::kTestRule,
     "A test (tests/*.yaml) expects records of a rule that the pack does not have, or forbids "
     "them. "
     "It stands for the id as the rule file has it."},
    {code::kTestType,
     "An event of a test is of a type that no file in schemas/ declares. The engine would put it "
     "into the dead-letter queue, so the test would test nothing."},
    {code::kTestField,
     "Warning. An event of a test gives a field that its schema does not declare. Sources may send "
     "more than the schema knows, and the engine passes it over; in a test it is most likely a "
     "slip "
     "of the pen, and the rule sees an event without the field that was meant."},
    {code::kTestTime,
     "`at`, `opened` and `last` of a test count from 2026-01-01 00:00 in the pack's timezone (20m, "
     "1h30m). Events lie before the year 2200."},
    {code::kTestWord,
     "A record's kind is open, raise or clear; a grade is blue, yellow, orange or red; an event's "
     "outcome is processed, duplicate, late or dead_letter."},
    {code::kTestName,
     "A test expects a value, group value or label that records of the rule do not have: `values` "
     "has the names of the rule's `let`, `group` those of its `by`, `labels` the rule's labels."},
    {code::kTestBoth,
     "A rule stands both in `expect` and in `never` of one test. `expect` lists all the records of "
     "the rules that it names; a rule that must stay silent stands in `never` alone."},
    {code::kTestDisabled,
     "Warning. A test names a rule whose `mode` is disabled. Such a rule is not evaluated, so "
     "whatever the test says of it is not tested. Use `mode: shadow` for a rule that is evaluated "
     "but sends nothing; tests see its records."},
    {code::kTestIdle,
     "Warning. A test that cannot fail: it has no events, or neither expects nor forbids anything. "
     "An empty `expect` says nothing of any rule; one that must stay silent stands in `never`."},
    {code::kTestTwice,
     "Two tests of one file have the same name. Reports tell tests by file and name."},

    {code::kLaterPolicy,
     "policy.yaml belongs to the language but is not enforced in this version; a pack that "
     "asks for a policy is refused rather than run without it."},
};

}  // namespace

std::string_view explanation(std::string_view code) {
  for (const Page& page : kPages) {
    if (page.code == code) return page.text;
  }
  return {};
}

std::vector<std::string_view> all_codes() {
  std::vector<std::string_view> codes;
  for (const Page& page : kPages) codes.emplace_back(page.code);
  return codes;
}

}  // namespace fengsui::rules
