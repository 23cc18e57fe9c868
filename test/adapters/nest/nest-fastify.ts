import 'reflect-metadata'
import { fastifyWebhook } from '@fluxora/verify/fastify'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyInstance } from 'fastify'

@Module({})
class AppModule {}

async function bootstrap() {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter())
  app.setGlobalPrefix('api')
  // A plain Fastify scope next to Nest's controllers. The global prefix does not apply to it.
  await app.register(async (scope: FastifyInstance) => {
    await scope.register(fastifyWebhook, { secrets: process.env.WEBHOOK_SECRET })
    scope.post('/api/webhooks', async (request) => {
      console.log('once', request.webhook.deliveryId, request.webhook.json())
      return { ok: true }
    })
  })
  await app.listen(process.env.PORT ?? 3000)
  return app
}

export const started = bootstrap()
