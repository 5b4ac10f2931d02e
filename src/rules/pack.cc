// A pack is loaded in three stages: readers make trees with places of its files, the collector
// brings definitions of all files together by name, the compiler makes rules of them. Each stage
// goes on as far as it can, so that one load tells every fault.
#include "rules/pack.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/hash.h"
#include "rules/alert_type.h"
#include "rules/codes.h"
#include "rules/csv.h"
#include "rules/lint.h"
#include "rules/pack_files.h"
#include "rules/pack_head.h"
#include "rules/placed_expression.h"
#include "rules/rule_compiler.h"
#include "rules/schema_reader.h"
#include "rules/test_reader.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

class PackLoader {
 public:
  PackLoader(const std::string& directory, std::optional<EventTime> now)
      : files_(sort_pack_files(read_pack_bytes(directory, findings_), findings_)), now_(now) {}
  PackLoader(PackBytes files, std::optional<EventTime> now)
      : files_(sort_pack_files(std::move(files), findings_)), now_(now) {}

  LoadedPack load() {
    head_ = read_pack_head(files_.head.get(), findings_);
    read_tables();
    read_types();
    read_definitions();
    read_rule_files();
    check_other_files();
    refuse_double_rules();
    // All definitions are known from here on.
    Scopes scopes(world_);
    const CompileContext context{world_, scopes, definitions_, findings_};
    for (const RuleSpec& spec : specs_) {
      if (auto compiled = compile_rule(spec, context)) compiled_.push_back(std::move(compiled));
    }
    definitions_.warn_of_unused(findings_);
    lint();
    LoadedPack loaded;
    loaded.tests = read_test_files();
    if (findings_.errors() == 0) loaded.rules = build();
    loaded.issues = findings_.take();
    sort_issues(loaded.issues);
    return loaded;
  }

 private:
  void read_tables() {
    for (const auto& file : files_.lists) {
      // Null with an error in it: rules that name it are still checked, its columns are not.
      auto list = read_list(*file, findings_);
      check_table_name(*file, "lists");
      world_.lists[stem(*file)] = {static_cast<int>(tables_.lists.size()), list};
      tables_.lists.push_back(std::move(list));
    }
    std::vector<std::vector<std::string>> keywords;
    for (const auto& file : files_.keywords) {
      check_table_name(*file, "keywords");
      world_.keyword_sets[stem(*file)] = static_cast<int>(keywords.size());
      keywords.push_back(read_keywords(*file, findings_));
    }
    if (!keywords.empty()) tables_.keywords = std::make_shared<cel::KeywordSets>(keywords);
    if (files_.areas == nullptr) return;
    auto areas = read_areas(*files_.areas, findings_);
    if (areas != nullptr) tables_.areas = std::move(areas);
  }

  void check_table_name(const SourceFile& file, const std::string& folder) {
    const std::string name = folder + "." + stem(file);
    const Expected<cel::Syntax, cel::Finding> syntax = cel::parse(name);
    if (syntax && field_path(syntax->root()) == name) return;
    findings_.warning(file, 0, code::kUnusableName, "no rule can say `" + name + "`",
                      "name the file with letters, digits and _");
  }

  void read_types() {
    std::map<std::string, size_t> first;  // name -> spec
    for (const auto& file : files_.schemas) {
      for (SchemaSpec& spec : read_schemas(*file, findings_)) {
        const auto [entry, is_new] = first.emplace(spec.name, schemas_.size());
        if (is_new) {
          schemas_.push_back(std::move(spec));
          continue;
        }
        const SchemaSpec& other = schemas_[entry->second];
        findings_.error(*file, spec.offset, code::kTypeTwice, "`" + spec.name + "` has two schemas",
                        "the other is at " + place_text(*other.file, other.offset));
      }
    }
    for (const SchemaSpec& spec : schemas_) {
      world_.types[spec.name] =
          std::make_shared<event::EventType>(spec.name, spec.title, spec.root);
    }
    world_.alert_type = make_alert_type();
  }

  // The tree of a file's only document, kept; null with a finding.
  const YamlNode* read_document(const SourceFile& file) {
    auto document = read_single_document(file, findings_);
    if (!document) return nullptr;
    documents_.push_back(std::make_unique<YamlNode>(std::move(*document)));
    return documents_.back().get();
  }

  void read_definitions() {
    for (const auto& file : files_.defs) {
      const YamlNode* document = read_document(*file);
      if (document != nullptr) definitions_.read(*document, findings_);
    }
    definitions_.settle(findings_);
    world_.defs = definitions_.names();
  }

  void read_rule_files() {
    for (const auto& file : files_.rules) {
      const YamlNode* document = read_document(*file);
      if (document == nullptr) continue;
      for (RuleSpec& spec : read_rules(*document, head_.timezone, findings_)) {
        specs_.push_back(std::move(spec));
      }
    }
  }

  void check_other_files() {
    if (files_.policy == nullptr) return;
    read_yaml(*files_.policy, findings_);
    findings_.error(*files_.policy, 0, code::kLaterPolicy, "`policy.yaml` is not built yet",
                    "this version of fengsui has no such files");
  }

  void lint() {
    LintInput input;
    input.world = &world_;
    input.files = &files_;
    input.schemas = &schemas_;
    input.now = now_;
    for (const std::unique_ptr<YamlNode>& document : documents_) {
      const YamlNode* rules = document->find("rules");
      if (rules == nullptr || !rules->is_list()) continue;
      for (const YamlNode& rule : rules->items) {
        if (rule.is_map()) input.rules.push_back(&rule);
      }
    }
    for (const std::unique_ptr<CompiledRule>& compiled : compiled_) {
      input.compiled.emplace(compiled->rule->id, compiled->rule.get());
    }
    lint_pack(input, findings_);
  }

  void refuse_double_rules() {
    std::map<std::string, const RuleSpec*> first;
    for (const RuleSpec& spec : specs_) {
      if (spec.id.empty()) continue;
      const auto [entry, is_new] = first.emplace(spec.id, &spec);
      if (is_new) continue;
      const YamlNode& other = *entry->second->id_node;
      error_at(*spec.id_node, code::kRuleTwice, "the rule id `" + spec.id + "` stands twice",
               "the other is at " + place_text(*other.file, other.offset), findings_);
    }
  }

  std::vector<TestSpec> read_test_files() {
    using namespace std::chrono;
    TestWorld world{.start = midnight_in(head_.timezone, sys_days{2026y / January / 1})
                                 .value_or(head_.window_origin),
                    .types = world_.types,
                    .rules = {}};
    for (const RuleSpec& spec : specs_) world.rules.emplace(spec.id, nullptr);
    for (const auto& compiled : compiled_) world.rules[compiled->rule->id] = compiled->rule.get();
    std::vector<TestSpec> tests;
    for (const auto& file : files_.tests) {
      const auto document = read_single_document(*file, findings_);
      if (!document) continue;
      std::vector<TestSpec> of_file = read_tests(*document, world, findings_);
      std::move(of_file.begin(), of_file.end(), std::back_inserter(tests));
    }
    return tests;
  }

  static std::string place_text(const SourceFile& file, size_t offset) {
    const SourceFile::Place place = file.place(offset);
    return file.path() + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
  }

  std::shared_ptr<const RuleSet> build() {
    auto set = std::make_shared<RuleSet>();
    set->name = head_.name;
    set->version = head_.version;
    set->timezone = head_.timezone;
    set->window_origin = head_.window_origin;
    set->files = std::make_shared<const std::string>(files_.framed());
    set->hash = pack_hash(*set->files);
    set->tables = std::move(tables_);
    set->has_policy = files_.policy != nullptr;
    std::sort(compiled_.begin(), compiled_.end(),
              [](const auto& a, const auto& b) { return a->rule->id < b->rule->id; });
    give_purposes();
    make_final_types(*set);
    for (const std::unique_ptr<CompiledRule>& compiled : compiled_) {
      compiled->rule->index = static_cast<RuleIndex>(set->rules.size());
      compiled->rule->state_key = hash128(compiled->rule->id + "\n" + compiled->rule->version).high;
      set->rules.push_back(compiled->rule);
    }
    return set;
  }

  // `x-identity: true` stands for the purposes of the rules that use the field.
  void give_purposes() {
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> purposes;
    for (const std::unique_ptr<CompiledRule>& compiled : compiled_) {
      if (compiled->rule->mode == Mode::Disabled) continue;
      for (const auto& read : compiled->identities) {
        std::vector<std::string>& of_field = purposes[read];
        const std::string& id = compiled->rule->purpose.id;
        if (std::find(of_field.begin(), of_field.end(), id) == of_field.end()) {
          of_field.push_back(id);
        }
      }
    }
    for (SchemaSpec& schema : schemas_) {
      for (auto& [read, of_field] : purposes) {
        if (read.first != schema.name) continue;
        event::Field* field = find_field(schema.root, read.second);
        if (field == nullptr || !field->identity_purposes.empty()) continue;
        std::sort(of_field.begin(), of_field.end());
        field->identity_purposes = of_field;
      }
    }
  }

  static event::Field* find_field(event::Field& object, const std::string& path) {
    for (event::Field& field : object.properties) {
      if (field.path == path) return &field;
      if (event::Field* part = find_field(field, path)) return part;
    }
    return nullptr;
  }

  // The same slots as the types that rules were compiled against: they depend on the fields alone.
  void make_final_types(RuleSet& set) {
    std::map<std::string, std::shared_ptr<event::EventType>> types;
    for (const SchemaSpec& spec : schemas_) {
      types[spec.name] = std::make_shared<event::EventType>(spec.name, spec.title, spec.root);
    }
    for (const std::unique_ptr<CompiledRule>& compiled : compiled_) {
      Rule& rule = *compiled->rule;
      if (rule.over_alerts) set.alert_type = world_.alert_type;
      for (size_t i = 0; i < rule.sources.size(); ++i) {
        const auto& type = rule.over_alerts ? world_.alert_type : types.at(compiled->types[i]);
        if (rule.mode != Mode::Disabled) need(rule.sources[i], *type);
        rule.sources[i].type = type;
      }
    }
    for (const auto& [name, type] : types) {
      set.types.emplace(name, type);
      set.has_identity |= type->has_identity();
    }
  }

  static void need(const RuleSource& source, event::EventType& type) {
    const auto need_slots = [&](const cel::Program& program) {
      for (const int slot : program.slots_read()) type.need(slot);
    };
    if (source.when) need_slots(*source.when);
    for (const Exception& exception : source.exceptions) need_slots(exception.when);
    for (const cel::Program& by : source.by) need_slots(by);
    for (const auto& seen_by : source.seen_by) {
      if (seen_by) need_slots(*seen_by);
    }
    for (const cel::Program& capture : source.captures) need_slots(capture);
  }

  Findings findings_;
  PackFiles files_;
  std::optional<EventTime> now_;
  PackHead head_;
  World world_;
  Definitions definitions_;
  cel::Tables tables_;
  std::vector<SchemaSpec> schemas_;
  // Trees of files of defs and rules: what is read of them points into them.
  std::vector<std::unique_ptr<YamlNode>> documents_;
  std::vector<RuleSpec> specs_;
  std::vector<std::unique_ptr<CompiledRule>> compiled_;
};

}  // namespace

LoadedPack load_pack(const std::string& directory, std::optional<EventTime> now) {
  return PackLoader(directory, now).load();
}
LoadedPack load_pack(PackBytes files, std::optional<EventTime> now) {
  return PackLoader(std::move(files), now).load();
}

Expected<std::shared_ptr<const RuleSet>> load_kept_pack(std::string_view framed) {
  std::optional<PackBytes> files = unframe_pack(framed);
  if (!files) return fail(Error::outside("a pack kept in the state is damaged"));
  LoadedPack loaded = load_pack(std::move(*files));
  if (!loaded.rules) {
    return fail(Error::outside("a pack kept in the state is none for this program:\n" +
                               as_text(loaded.issues)));
  }
  if (loaded.rules->hash != pack_hash(framed)) {
    return fail(Error::outside("a pack kept in the state is damaged"));
  }
  return std::move(loaded.rules);
}

}  // namespace fengsui::rules
