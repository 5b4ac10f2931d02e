#include "rules/alert_type.h"

#include <utility>

#include "base/invariant.h"

namespace fengsui::rules {

std::shared_ptr<event::EventType> make_alert_type() {
  event::Field root;
  root.type = event::FieldType::Object;
  const auto add = [&](const char* name, bool required) -> event::Field& {
    event::Field& field = root.properties.emplace_back();
    field.name = name;
    field.required = required;
    return field;
  };
  add("rule", true);
  add("grade", true);
  add("kind", true);
  add("area", false).area = true;
  add("department", false);
  add("group", true).type = event::FieldType::Object;
  auto type = std::make_shared<event::EventType>(kAlertTypeName, "", std::move(root));
  INVARIANT(type->find("rule")->slot == kAlertRule && type->find("group")->slot == kAlertGroup &&
            type->slots() == kAlertSlots);
  return type;
}

}  // namespace fengsui::rules
