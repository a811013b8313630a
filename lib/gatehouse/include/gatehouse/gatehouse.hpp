#pragma once
// Everything a library user needs:
//
//   #include <gatehouse/gatehouse.hpp>
//   namespace gh = gatehouse;

#include <gatehouse/encode.hpp>
#include <gatehouse/http/status.hpp>
#include <gatehouse/proxy/proxy.hpp>
#include <gatehouse/rules/standard_set.hpp>
#include <gatehouse/server/app.hpp>
#include <gatehouse/server/csrf_tokens.hpp>
#include <gatehouse/server/static_text.hpp>
#include <gatehouse/server/test_client.hpp>
