// From `when`s to shapes: which conjuncts of a rule become its key, which its range, and what is
// left to test. The choice is static: it looks at the pack, not at events.
#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/byte_codec.h"
#include "match/when_index.h"
#include "match/when_index_parts.h"

namespace fengsui::match {
namespace {

using cel::Conjunct;
using cel::Value;
using Form = Conjunct::Form;

// A rule stands under so many keys at most: sets beyond it are tested instead.
constexpr size_t kKeysMax = 64;

bool is_key_form(Form form) {
  return form == Form::Equal || form == Form::In || form == Form::True || form == Form::False;
}

// Conjuncts with the same are the same.
std::string atom_key(const Conjunct& conjunct) {
  std::string key;
  ByteWriter out(key);
  out.u8(static_cast<uint8_t>(conjunct.form));
  out.signed_varint(conjunct.slot);
  out.signed_varint(conjunct.keywords);
  out.text(conjunct.key);
  for (const Value& v : conjunct.values) cel::encode_value(out, v);
  return key;
}

std::vector<Value> key_values(const Conjunct& conjunct) {
  if (conjunct.form == Form::True) return {Value::boolean(true)};
  if (conjunct.form == Form::False) return {Value::boolean(false)};
  return conjunct.values;
}

}  // namespace

// A rule on its way into a shape.
struct WhenIndex::Draft {
  uint32_t rule = 0;
  std::vector<std::vector<Value>> values;  // of each key slot
  double threshold = 0;
  bool is_strict = false;
  Checks rest;  // what neither key nor range has tested
  Checks all;
};

class WhenIndex::Builder {
 public:
  explicit Builder(WhenIndex& index) : index_(index) {}

  void add(uint32_t rule, const cel::Program* when) {
    std::vector<Conjunct> parts;
    if (when) parts = cel::conjuncts_of(*when);
    Draft draft;
    draft.rule = rule;
    std::vector<bool> is_done(parts.size());
    std::vector<std::pair<KeySlot, size_t>> key = choose_key(parts, is_done);
    const Mentions mentions = key.empty() ? choose_mentions(parts, is_done, draft) : Mentions{};
    Range range = choose_range(parts, is_done, draft);
    std::sort(key.begin(), key.end());
    std::vector<KeySlot> slots;
    for (const auto& [slot, part] : key) {
      slots.push_back(slot);
      draft.values.push_back(key_values(parts[part]));
    }
    // A value there is what has() asks for.
    for (size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].is_early && parts[i].form == Form::Has) {
        const bool is_read = range.slot == parts[i].slot || mentions.slot == parts[i].slot ||
                             std::any_of(slots.begin(), slots.end(), [&](const KeySlot& slot) {
                               return slot.slot == parts[i].slot;
                             });
        if (is_read) is_done[i] = true;
      }
    }
    draft.rest = checks(parts, is_done);
    draft.all = checks(parts, std::vector<bool>(parts.size()));
    shapes_[{std::move(slots), range, mentions}].push_back(std::move(draft));
  }

  void finish() {
    for (auto& [shape, drafts] : shapes_) {
      Shape& out = index_.shapes_.emplace_back();
      std::tie(out.key, out.range, out.mentions) = shape;
      fill(out, drafts);
      if (out.mentions.slot >= 0) find_by_set(out);
    }
  }

 private:
  static bool has_guard(const std::vector<Conjunct>& parts, int slot) {
    return std::any_of(parts.begin(), parts.end(), [&](const Conjunct& part) {
      return part.is_early && part.form == Form::Has && part.slot == slot;
    });
  }

  // One conjunct a slot; those with few values first, as long as the keys stay few.
  static std::vector<std::pair<KeySlot, size_t>> choose_key(const std::vector<Conjunct>& parts,
                                                            std::vector<bool>& is_done) {
    std::vector<size_t> order;
    for (size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].is_early && is_key_form(parts[i].form)) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return parts[a].values.size() < parts[b].values.size();
    });
    std::vector<std::pair<KeySlot, size_t>> key;
    size_t keys = 1;
    for (const size_t i : order) {
      const Conjunct& part = parts[i];
      const size_t values = key_values(part).size();
      const bool is_taken = std::any_of(
          key.begin(), key.end(), [&](const auto& other) { return other.first.slot == part.slot; });
      if (is_taken || values == 0 || keys * values > kKeysMax) continue;
      keys *= values;
      const bool truth = part.form == Form::True || part.form == Form::False;
      key.push_back({{static_cast<uint16_t>(part.slot), has_guard(parts, part.slot), truth}, i});
      is_done[i] = true;
    }
    return key;
  }

  // The first one's set becomes the key.
  static Mentions choose_mentions(const std::vector<Conjunct>& parts, std::vector<bool>& is_done,
                                  Draft& draft) {
    for (size_t i = 0; i < parts.size(); ++i) {
      const Conjunct& part = parts[i];
      if (!part.is_early || part.form != Form::Mentions) continue;
      draft.values.push_back({Value::integer(part.keywords)});
      is_done[i] = true;
      return {part.slot, has_guard(parts, part.slot)};
    }
    return {};
  }

  // The keys are keyword sets: they are few enough to be looked up by place.
  static void find_by_set(Shape& shape) {
    for (size_t bucket = 0; bucket < shape.buckets.size(); ++bucket) {
      const auto set = static_cast<size_t>(shape.keys[bucket].as_int());
      if (shape.of_sets.size() <= set) shape.of_sets.resize(set + 1);
      shape.of_sets[set] = static_cast<uint32_t>(bucket + 1);
    }
    shape.cells = {};
    shape.keys = {};
  }

  static Range choose_range(const std::vector<Conjunct>& parts, std::vector<bool>& is_done,
                            Draft& draft) {
    for (size_t i = 0; i < parts.size(); ++i) {
      const Conjunct& part = parts[i];
      if (!part.is_early || !is_range(part.form)) continue;
      const std::optional<double> threshold = plain_number(part.values[0]);
      if (!threshold) continue;
      draft.threshold = *threshold;
      draft.is_strict = part.form == Form::Less || part.form == Form::Greater;
      is_done[i] = true;
      return {part.slot, part.form == Form::Greater || part.form == Form::GreaterEqual,
              has_guard(parts, part.slot)};
    }
    return {};
  }

  Checks checks(const std::vector<Conjunct>& parts, const std::vector<bool>& is_done) {
    Checks out;
    out.begin = static_cast<uint32_t>(index_.checks_.size());
    out.is_whole = true;
    for (size_t i = 0; i < parts.size(); ++i) {
      const Conjunct& part = parts[i];
      if (!part.is_early) out.is_whole = false;
      if (!part.is_early || is_done[i]) continue;
      const std::optional<double> number =
          is_range(part.form) ? plain_number(part.values[0]) : std::nullopt;
      if (is_range(part.form) && !number) {
        out.is_whole = false;  // a number of an odd kind: the evaluator's
        continue;
      }
      Check check{part.form, static_cast<uint16_t>(std::max(part.slot, 0)), 0, 0};
      if (number) {
        check.number = *number;
      } else {
        check.atom = atom(part);
      }
      index_.checks_.push_back(check);
    }
    out.end = static_cast<uint32_t>(index_.checks_.size());
    return out;
  }

  uint32_t atom(const Conjunct& part) {
    const auto [at, is_new] =
        atoms_.try_emplace(atom_key(part), static_cast<uint32_t>(index_.atoms_.size()));
    if (is_new) index_.atoms_.push_back(part);
    return at->second;
  }

  struct Filed {
    const Draft* draft;
    std::vector<Value> key;
    uint64_t hash;
  };

  // Every choice of a value for each key slot.
  static void file(const Draft& draft, std::vector<Value> key, uint64_t hash,
                   std::vector<Filed>& out) {
    if (key.size() == draft.values.size()) {
      out.push_back({&draft, std::move(key), hash});
      return;
    }
    for (const Value& v : draft.values[key.size()]) {
      std::vector<Value> longer = key;
      longer.push_back(v);
      file(draft, std::move(longer), mixed(hash, hash_value_of(v)), out);
    }
  }

  static bool is_same_key(const std::vector<Value>& a, const std::vector<Value>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), cel::equal);
  }

  static void fill(Shape& shape, const std::vector<Draft>& drafts) {
    std::vector<Filed> filed;
    for (const Draft& draft : drafts) {
      file(draft, {}, 0, filed);
      shape.members.push_back({draft.rule, draft.all});
    }
    // Buckets in the order of their first rules; keys of one hash are told apart.
    std::unordered_map<uint64_t, std::vector<size_t>> by_hash;
    std::vector<std::vector<Filed*>> buckets;
    for (Filed& one : filed) {
      std::vector<size_t>& alike = by_hash[one.hash];
      const auto at = std::find_if(alike.begin(), alike.end(), [&](size_t bucket) {
        return is_same_key(buckets[bucket][0]->key, one.key);
      });
      if (at != alike.end()) {
        buckets[*at].push_back(&one);
        continue;
      }
      alike.push_back(buckets.size());
      buckets.push_back({&one});
    }
    shape.cells.resize(std::bit_ceil(buckets.size() * 2 + 1));
    for (std::vector<Filed*>& bucket : buckets) put(shape, bucket);
  }

  static void put(Shape& shape, std::vector<Filed*>& bucket) {
    const bool upwards = shape.range.upwards;
    std::stable_sort(bucket.begin(), bucket.end(), [&](const Filed* a, const Filed* b) {
      return upwards ? a->draft->threshold < b->draft->threshold
                     : a->draft->threshold > b->draft->threshold;
    });
    Bucket range;
    range.begin = static_cast<uint32_t>(shape.entries.size());
    for (const Filed* one : bucket) {
      shape.entries.push_back({one->draft->rule, one->draft->rest});
      shape.thresholds.push_back(one->draft->threshold);
      shape.is_strict.push_back(one->draft->is_strict);
    }
    range.end = static_cast<uint32_t>(shape.entries.size());
    shape.buckets.push_back(range);
    for (Value& v : bucket[0]->key) shape.keys.push_back(std::move(v));
    const size_t mask = shape.cells.size() - 1;
    size_t at = bucket[0]->hash & mask;
    while (shape.cells[at].bucket != 0) at = (at + 1) & mask;
    shape.cells[at] = {bucket[0]->hash, static_cast<uint32_t>(shape.buckets.size())};
  }

  WhenIndex& index_;
  std::map<std::tuple<std::vector<KeySlot>, Range, Mentions>, std::vector<Draft>> shapes_;
  std::unordered_map<std::string, uint32_t> atoms_;
};

WhenIndex::WhenIndex(const std::vector<const cel::Program*>& whens, const cel::Tables& tables)
    : tables_(tables) {
  Builder builder(*this);
  for (size_t i = 0; i < whens.size(); ++i) builder.add(static_cast<uint32_t>(i), whens[i]);
  builder.finish();
}

}  // namespace fengsui::match
