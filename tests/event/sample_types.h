// A schema with every word of the language, made in code: the pack loader is not tested here.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "event/schema.h"

namespace fengsui::event {

inline Field field(std::string name, FieldType type) {
  Field out;
  out.name = std::move(name);
  out.type = type;
  return out;
}

inline Field object(std::string name, std::vector<Field> properties) {
  Field out = field(std::move(name), FieldType::Object);
  out.properties = std::move(properties);
  return out;
}

inline Field array(std::string name, Field items) {
  Field out = field(std::move(name), FieldType::Array);
  out.items = std::make_shared<Field>(std::move(items));
  return out;
}

// "sample.all": a field of each kind, most of them optional; `plain` is required.
inline Field all_fields() {
  Field plain = field("plain", FieldType::String);
  plain.required = true;
  Field shorter = field("short", FieldType::String);
  shorter.length_max = 4;
  Field coded = field("coded", FieldType::String);
  coded.pattern = std::make_shared<const RE2>("[A-Z]{2}[0-9]");
  Field when = field("when", FieldType::String);
  when.date_time = true;
  Field level = field("level", FieldType::String);
  level.allowed = {cel::Value::string("low"), cel::Value::string("high"),
                   cel::Value::string("a level with a long name")};
  Field grams = field("grams", FieldType::Number);
  grams.minimum = 0;
  grams.maximum = 1e6;
  Field digit = field("digit", FieldType::Integer);
  digit.allowed = {cel::Value::integer(1), cel::Value::integer(2)};
  Field age = field("age", FieldType::Integer);
  age.minimum = 0.5;
  age.maximum = 150;
  Field grid = field("grid", FieldType::String);
  grid.area = true;
  Field secret = field("secret", FieldType::String);
  secret.is_protected = true;
  Field hidden = object("hidden", {field("part", FieldType::String)});
  hidden.is_protected = true;
  Field person = field("person", FieldType::String);
  person.identity = true;
  person.identity_purposes = {"fraud_victim", "safety"};
  person.length_max = 20;

  Field code = field("code", FieldType::String);
  code.required = true;
  Field inner = object("spot", {field("x", FieldType::Number), field("y", FieldType::Number)});
  Field outlet = object("outlet", {code, field("open", FieldType::Boolean), inner, secret});
  Field weight = field("weight", FieldType::Number);
  weight.required = true;
  Field goods =
      array("goods", object("", {weight, field("kind", FieldType::String), secret, person}));

  return object("", {plain,
                     shorter,
                     coded,
                     when,
                     level,
                     grams,
                     field("real", FieldType::Number),
                     field("count", FieldType::Integer),
                     digit,
                     age,
                     field("open", FieldType::Boolean),
                     grid,
                     secret,
                     hidden,
                     person,
                     outlet,
                     goods,
                     array("tags", field("", FieldType::String)),
                     field("any", FieldType::Array),
                     field("odd\"\\name", FieldType::Integer)});
}

// With every slot needed, or none.
enum class Need { All, Nothing };

inline std::shared_ptr<EventType> sample_type(Need need, std::string name = "sample.all") {
  auto type = std::make_shared<EventType>(std::move(name), "a sample", all_fields());
  for (int slot = kEnvelopeSlots; need == Need::All && slot < type->slots(); ++slot)
    type->need(slot);
  return type;
}

inline EventTypes sample_types(Need need) {
  EventTypes types;
  types.emplace("sample.all", sample_type(need));
  return types;
}

}  // namespace fengsui::event
