import 'reflect-metadata'
import { expressWebhook } from '@fluxora/verify/express'
import { Controller, Module, Post, Req } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Request } from 'express'

@Controller('webhooks')
class WebhooksController {
  @Post()
  receive(@Req() request: Request) {
    console.log('once', request.webhook.deliveryId, request.webhook.json())
    return { ok: true } // Nest answers 201, and a 2xx commits; an exception releases the delivery
  }
}

@Module({ controllers: [WebhooksController] })
class AppModule {}

async function bootstrap() {
  const app = await NestFactory.create(AppModule)
  app.setGlobalPrefix('api')
  // Nest mounts its parsers when it listens, so this runs before them. The global prefix does not apply to middleware: write the full path.
  app.use('/api/webhooks', expressWebhook({ secrets: process.env.WEBHOOK_SECRET }))
  await app.listen(process.env.PORT ?? 3000)
  return app
}

export const started = bootstrap()
