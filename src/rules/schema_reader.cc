#include "rules/schema_reader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "rules/codes.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

using event::Field;
using event::FieldType;

const std::vector<std::string> kRootWords = {"event", "title", "type", "properties", "required"};
const std::vector<std::string> kFieldWords = {
    "type",    "title",  "properties", "required",   "items",  "enum",        "minimum",
    "maximum", "format", "maxLength",  "x-identity", "x-area", "x-protected", "pattern"};
const std::vector<std::string> kTypeNames = {"string",  "number", "integer",
                                             "boolean", "array",  "object"};

class SchemaReader {
 public:
  explicit SchemaReader(Findings& findings) : findings_(findings) {}

  std::optional<SchemaSpec> read(const YamlNode& document) {
    if (!expect_map(document, "a schema", findings_)) return std::nullopt;
    refuse_unknown_keys(document, "a schema", kRootWords, code::kUnknownWord, findings_);
    SchemaSpec spec;
    spec.file = document.file;
    spec.root.type = FieldType::Object;
    if (const YamlNode* type = document.find("type"); type && type->text != "object") {
      error_at(*type, code::kFieldType, "an event's `data` is an object", "leave `type` out",
               findings_);
    }
    read_object(document, spec.root, false);
    if (const YamlNode* title = document.find("title")) {
      spec.title = expect_text(*title, "`title`", findings_).value_or("");
    }
    const YamlNode* name = require_key(document, "event", "a schema", findings_);
    if (name == nullptr) return std::nullopt;
    spec.offset = name->offset;
    spec.name = expect_text(*name, "`event`", findings_).value_or("");
    if (spec.name == "alert") {
      error_at(*name, code::kReservedType, "the event type `alert` is the engine's own",
               "name the feed and what happened, as in courier.parcel", findings_);
    }
    if (spec.name.empty()) return std::nullopt;
    return spec;
  }

 private:
  void read_object(const YamlNode& schema, Field& object, bool below_items) {
    if (const YamlNode* properties = schema.find("properties")) {
      read_properties(*properties, object, below_items);
    }
    if (const YamlNode* required = schema.find("required")) read_required(*required, object);
  }

  void read_properties(const YamlNode& properties, Field& object, bool below_items) {
    if (!expect_map(properties, "`properties`", findings_)) return;
    for (size_t i = 0; i < properties.keys.size(); ++i) {
      const YamlNode& key = properties.keys[i];
      if (!key.is_scalar()) continue;
      if (key.text.empty() || key.text.find_first_of(".[]") != std::string::npos) {
        error_at(key, code::kPropertyName, "`" + key.text + "` cannot name a property",
                 "nested fields are named by path: `.`, `[` and `]` stand in no name", findings_);
        continue;
      }
      Field field;
      field.name = key.text;
      field.path = object.path.empty() ? key.text : object.path + "." + key.text;
      if (read_field(properties.items[i], field, below_items)) {
        object.properties.push_back(std::move(field));
      }
    }
  }

  void read_required(const YamlNode& required, Field& object) {
    if (!expect_list(required, "`required`", findings_)) return;
    std::vector<std::string> known;
    for (const Field& field : object.properties) known.push_back(field.name);
    for (const YamlNode& item : required.items) {
      const std::optional<std::string> name = expect_text(item, "a name in `required`", findings_);
      if (!name) continue;
      const auto field = std::find_if(object.properties.begin(), object.properties.end(),
                                      [&](const Field& f) { return f.name == *name; });
      if (field == object.properties.end()) {
        error_at(item, code::kBadRequired, "`" + *name + "` is required but no property",
                 nearest_hint(*name, known), findings_);
      } else if (std::exchange(field->required, true)) {
        error_at(item, code::kBadRequired, "`" + *name + "` is required twice", {}, findings_);
      }
    }
  }

  // False: without a type, it is no field.
  bool read_field(const YamlNode& schema, Field& field, bool below_items) {
    const std::string what = "the property `" + field.path + "`";
    if (!expect_map(schema, what, findings_)) return false;
    refuse_unknown_keys(schema, what, kFieldWords, code::kUnknownWord, findings_);
    if (!read_type(schema, field, what)) return false;
    if (const YamlNode* title = schema.find("title")) {
      field.title = expect_text(*title, "`title`", findings_).value_or("");
    }
    refuse_words_of_other_types(schema, field, what);
    if (field.type == FieldType::Object) read_object(schema, field, below_items);
    if (field.type == FieldType::Array) read_items(schema, field);
    read_limits(schema, field, findings_);
    read_extensions(schema, field, below_items);
    return true;
  }

  bool read_type(const YamlNode& schema, Field& field, const std::string& what) {
    const YamlNode* type = schema.find("type");
    if (type == nullptr) {
      error_at(schema, code::kFieldType, what + " has no `type`",
               "string, number, integer, boolean, array or object", findings_);
      return false;
    }
    if (type->is_list()) {
      error_at(*type, code::kFieldType, "a property has one type",
               "null is of no type: a field without a value is left out", findings_);
      return false;
    }
    const auto named = std::find(kTypeNames.begin(), kTypeNames.end(), type->text);
    if (!type->is_scalar() || named == kTypeNames.end()) {
      error_at(
          *type, code::kFieldType, "`" + type->text + "` is no type",
          nearest_hint(type->text, kTypeNames, "string, number, integer, boolean, array or object"),
          findings_);
      return false;
    }
    field.type = static_cast<FieldType>(named - kTypeNames.begin());
    return true;
  }

  void refuse_words_of_other_types(const YamlNode& schema, const Field& field,
                                   const std::string& what) {
    struct Belongs {
      const char* word;
      std::set<FieldType> types;
    };
    static const Belongs kBelongs[] = {
        {"minimum", {FieldType::Number, FieldType::Integer}},
        {"maximum", {FieldType::Number, FieldType::Integer}},
        {"maxLength", {FieldType::String}},
        {"pattern", {FieldType::String}},
        {"format", {FieldType::String}},
        {"x-identity", {FieldType::String}},
        {"x-area", {FieldType::String}},
        {"enum", {FieldType::String, FieldType::Number, FieldType::Integer, FieldType::Boolean}},
        {"items", {FieldType::Array}},
        {"properties", {FieldType::Object}},
        {"required", {FieldType::Object}},
    };
    for (const Belongs& belongs : kBelongs) {
      const YamlNode* key = schema.find_key(belongs.word);
      if (key == nullptr || belongs.types.contains(field.type)) continue;
      error_at(*key, code::kWordOfOtherType,
               what + " is of type " + kTypeNames[static_cast<size_t>(field.type)] + ": `" +
                   belongs.word + "` says nothing of one",
               {}, findings_);
    }
  }

  void read_items(const YamlNode& schema, Field& field) {
    const YamlNode* items = schema.find("items");
    if (items == nullptr) return;
    Field item;
    item.path = field.path + "[]";
    if (read_field(*items, item, true))
      field.items = std::make_shared<const Field>(std::move(item));
  }

  void read_extensions(const YamlNode& schema, Field& field, bool below_items) {
    read_identity(schema, field);
    field.area = is_marked(schema, "x-area");
    field.is_protected = is_marked(schema, "x-protected");
    if (field.identity + field.area + field.is_protected > 1) {
      error_at(schema, code::kBadExtension,
               "`" + field.path + "` is more than one of x-identity, x-area and x-protected", {},
               findings_);
    }
    if (below_items && (field.identity || field.area || field.is_protected)) {
      error_at(schema, code::kBadExtension,
               "x-identity, x-area and x-protected cannot stand below an array's items", {},
               findings_);
    }
  }

  // `x-area: true`.
  bool is_marked(const YamlNode& schema, const char* word) {
    const YamlNode* mark = schema.find(word);
    if (mark == nullptr) return false;
    const std::optional<bool> value = mark->as_bool();
    if (!value) {
      error_at(*mark, code::kBadExtension, std::string("`") + word + "` is true or left out", {},
               findings_);
    }
    return value.value_or(true);
  }

  // `true`, or `{purposes: [one, …]}`.
  void read_identity(const YamlNode& schema, Field& field) {
    const YamlNode* mark = schema.find("x-identity");
    if (mark == nullptr) return;
    if (!mark->is_map()) {
      const std::optional<bool> value = mark->as_bool();
      field.identity = value.value_or(true);
      if (!value) {
        error_at(*mark, code::kBadExtension, "`x-identity` is true or { purposes: [fraud_victim] }",
                 {}, findings_);
      }
      return;
    }
    field.identity = true;
    refuse_unknown_keys(*mark, "`x-identity`", {"purposes"}, code::kUnknownWord, findings_);
    const YamlNode* purposes = require_key(*mark, "purposes", "`x-identity`", findings_);
    if (purposes == nullptr || !expect_list(*purposes, "`purposes`", findings_)) return;
    for (const YamlNode& item : purposes->items) {
      const std::optional<std::string> purpose = expect_text(item, "a purpose", findings_);
      if (purpose) add_purpose(item, *purpose, field);
    }
    if (purposes->items.empty()) {
      error_at(*purposes, code::kBadExtension, "`x-identity` lists no purpose",
               "`true` stands for the purposes of the rules that use it", findings_);
    }
  }

  void add_purpose(const YamlNode& item, const std::string& purpose, Field& field) {
    std::vector<std::string>& all = field.identity_purposes;
    if (std::find(all.begin(), all.end(), purpose) == all.end()) {
      all.push_back(purpose);
      return;
    }
    error_at(item, code::kBadExtension, "the purpose `" + purpose + "` is listed twice", {},
             findings_);
  }

  Findings& findings_;
};

// At most one field of a type says where the event happened.
void collect_areas(const Field& object, std::vector<const Field*>& areas) {
  for (const Field& field : object.properties) {
    if (field.area) areas.push_back(&field);
    collect_areas(field, areas);
  }
}

}  // namespace

std::vector<SchemaSpec> read_schemas(const SourceFile& file, Findings& findings) {
  std::vector<SchemaSpec> specs;
  const size_t errors = findings.errors();
  size_t documents = 0;
  for (const YamlNode& document : read_yaml(file, findings)) {
    if (document.is_null()) continue;  // `---` with nothing behind it
    ++documents;
    std::optional<SchemaSpec> spec = SchemaReader(findings).read(document);
    if (!spec) continue;
    std::vector<const Field*> areas;
    collect_areas(spec->root, areas);
    if (areas.size() > 1) {
      findings.error(file, spec->offset, code::kAreaTwice,
                     "`" + spec->name + "` has more than one x-area field: `" + areas[0]->path +
                         "` and `" + areas[1]->path + "`");
    }
    specs.push_back(std::move(*spec));
  }
  if (documents == 0 && findings.errors() == errors) {
    findings.error(file, 0, code::kEmptyFile, "nothing in this file");
  }
  return specs;
}

}  // namespace fengsui::rules
