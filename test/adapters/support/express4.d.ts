// Express 4 under another name; @types/express of version 5 says enough of it for the tests.
declare module 'express4' {
  import express = require('express')
  export = express
}
