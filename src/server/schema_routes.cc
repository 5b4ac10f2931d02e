// What editors of packs ask: the JSON Schemas of a pack's files, at /v1/schemas/{name}.
#include "rules/json_schema.h"
#include "server/server.h"

namespace fengsui::server {

void add_schema_routes(Router& router) {
  for (const rules::JsonSchema& schema : rules::json_schemas()) {
    router.add("GET", "/v1/schemas/" + std::string(schema.name),
               [&schema](const Request&, const Responder& responder) {
                 responder.answer({200,
                                   "application/schema+json",
                                   std::string(schema.text),
                                   {{"Cache-Control", "max-age=3600"}}});
               });
  }
}

}  // namespace fengsui::server
